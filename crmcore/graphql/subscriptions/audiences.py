"""All subscriptions of a process: begun, brought up to date from the feed, served together, and ended."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterator, Sequence
from contextvars import Context
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from crmcore.access.actor import Actor
from crmcore.errors import Refusal, Unavailable
from crmcore.events.cursor import Cursor
from crmcore.events.feed import Mark, Page
from crmcore.events.hub import Hub
from crmcore.events.recorded import Recorded
from crmcore.graphql.subscriptions.asked import Asked
from crmcore.graphql.subscriptions.audience import Audience
from crmcore.graphql.subscriptions.member import Member, Sink
from crmcore.graphql.subscriptions.reading import changes, permitted, reading_of
from crmcore.graphql.subscriptions.showing import show
from crmcore.graphql.subscriptions.sources import Choice, Happening, WatchedJob
from crmcore.graphql.subscriptions.watching import watch_job
from crmcore.metrics import Family

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Audiences"]

logger = logging.getLogger("crmcore.graphql.subscriptions")

T = TypeVar("T")

#: Events read at once for somebody who is behind, and how many such readings there may be at a time.
_PAGE, _READERS = 100, 4
_STOPPING = "This server stops; connect again, and begin after the last cursor."
#: Seconds until the next try when the database cannot answer.
_AGAIN = 0.5


class Audiences:
    """The subscriptions of one CRM in this process."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._hub = Hub(crm.feed, crm.pulse)
        self._hub.add(self)
        self._by_rules: dict[Hashable, Audience] = {}
        self._of: dict[Member, Audience | None] = {}
        self._readers = asyncio.Semaphore(_READERS)
        self._begun = 0
        self._closed = False

    def begin(self, asked: Asked, sink: Sink) -> Member:
        """Begin a subscription, now or after its cursor; what may be read of it goes to `sink`."""
        member = Member(asked, asked.request.actor, sink)
        self._begun += 1
        if self._closed:
            sink.interrupted(_STOPPING)
        else:
            self._follow(member)
        return member

    def end(self, member: Member) -> None:
        """End a subscription; one that has ended already is fine."""
        if member in self._of:
            self._leave(member)
            del self._of[member]
            if not self._of:
                self._hub.rest()

    def reconsider(self, member: Member, actor: Actor) -> None:
        """Go by the rights that somebody has now."""
        before, member.actor = member.actor, actor
        if member not in self._of or isinstance(member.asked.choice, WatchedJob):
            return
        if member.asked.rules(before) != member.asked.rules(actor):
            self._leave(member)
            self._follow(member)

    async def close(self) -> None:
        """Tell everybody to begin again elsewhere, and end; who comes later is told the same."""
        self._closed = True
        for member in list(self._of):
            member.sink.interrupted(_STOPPING)
            self.end(member)
        await self._hub.close()

    def take(self, stored: Sequence[Recorded], opened: Sequence[Recorded], cursor: Cursor) -> None:
        """See `crmcore.events.hub.Listener`."""
        happenings = list(map(Happening, stored, opened))
        for audience in list(self._by_rules.values()):
            audience.take(happenings, cursor)

    def lost(self) -> None:
        """See `crmcore.events.hub.Listener`."""
        for member in list(self._of):
            member.sink.interrupted("The change feed is another one now; read anew and begin without a cursor.")

    def families(self) -> Iterator[Family]:
        """Give what is counted."""
        behind = sum(member.task is not None for member in self._of)
        yield Family("crm_subscriptions", "gauge", "Subscriptions that run.", [("", {}, len(self._of))])
        about = "Subscriptions that are brought up to date from the change feed."
        yield Family("crm_subscriptions_behind", "gauge", about, [("", {}, behind)])
        about = "Groups of subscriptions whose rules are equal."
        yield Family("crm_subscription_audiences", "gauge", about, [("", {}, len(self._by_rules))])
        yield Family("crm_subscriptions_begun_total", "counter", "Subscriptions begun.", [("", {}, self._begun)])

    def _follow(self, member: Member) -> None:
        """Serve a member from its position on."""
        self._of[member] = None
        choice, position = member.asked.choice, self._hub.position
        if isinstance(choice, WatchedJob):
            self._serve_alone(member, watch_job(self._crm, member, choice.id))
        elif member.position is None and position is not None:
            member.advance(position)
            self._join(member, position)
        else:
            # In the same breath: what happens from here on is heard, whenever the database can say where that begins.
            mark = self._crm.feed.mark() if member.position is None else None
            self._serve_alone(member, self._catch_up(member, mark))

    def _join(self, member: Member, position: Cursor) -> None:
        """Have a member served together with others, from the hub's position on."""
        rules = member.asked.rules(member.actor)
        if (audience := self._by_rules.get(rules)) is None:
            audience = self._by_rules[rules] = Audience(self._crm, member.actor, position, self._part)
        audience.add(member)
        self._of[member] = audience

    def _leave(self, member: Member) -> None:
        """Serve a member no more."""
        if member.task is not None:
            member.task.cancel()
            member.task = None
        audience, self._of[member] = self._of[member], None
        if audience is not None:
            audience.remove(member)
            if not audience.groups:
                audience.stop()
                self._by_rules = {rules: one for rules, one in self._by_rules.items() if one is not audience}
        member.forget()

    def _part(self, audience: Audience) -> None:
        """Have each member read on at its own pace."""
        for member in audience.members:
            self._leave(member)
            self._follow(member)

    def _serve_alone(self, member: Member, work: Coroutine[Any, Any, None]) -> None:
        member.task = asyncio.get_running_loop().create_task(self._told(member, work), context=Context())

    @staticmethod
    async def _told(member: Member, work: Coroutine[Any, Any, None]) -> None:
        """Have something done, and tell the member of a failure."""
        try:
            await work
        except Refusal as error:  # the cursor is too old, or another database's; there is no such job
            member.sink.refused(error)
        except Exception:
            # Nobody may wait for ever for what will not come: the client begins again where it is.
            logger.exception("A subscriber could not be served; the subscription is interrupted.")
            member.sink.interrupted("Something went wrong here; it is in the log.")

    async def _catch_up(self, member: Member, mark: Mark | None) -> None:
        """Serve a member what it lacks since its position or a mark, until it is served together with others."""
        if mark is not None:
            try:
                member.advance(await self._answered(partial(self._crm.feed.end, mark)))
            finally:
                self._crm.feed.forget(mark)
        await self._hub.begun()
        while not await self._read_on(member):
            await member.sink.room()
        member.task = None

    async def _read_on(self, member: Member) -> bool:
        """Serve a member the next events of the feed; return whether it is served together with others from here on."""
        assert member.position is not None, "it has begun"
        async with self._readers:
            page, opened = await self._page(member.choice, member.position)
            hub = self._hub.position
            level = not page.more and hub is not None and page.cursor >= hub
            if level and hub is not None:
                # In the same breath, so that nothing comes between: it is given what the hub reads next, and keeps it
                # until this page is served.
                member.hold()
                self._join(member, hub)
            answers = await self._answers(member, list(map(Happening, page.events, opened)))
        member.catch_up(answers, page.cursor)
        return level

    async def _answers(self, member: Member, happenings: Sequence[Happening]) -> list[tuple[Cursor, str]]:
        """Return what a member is shown of some events."""
        chosen = [event for event in happenings if member.choice.takes(event)]
        known = await permitted(self._crm, member.actor, chosen) if chosen else ()
        if not (seen := [event for event in chosen if event in known]):
            return []
        reading = reading_of([member])
        values = await changes(self._crm, member.actor, seen, reading if member.asked.tells else None)
        texts = await show(member.asked, member.actor, values, reading)
        return [(event.recorded.cursor, text) for event, text in zip(seen, texts, strict=True)]

    async def _page(self, choice: Choice, after: Cursor) -> tuple[Page, list[Recorded]]:
        """Return what comes next, and its events opened."""
        entity, record_id = choice.record or (None, None)

        async def read() -> tuple[Page, list[Recorded]]:
            page = await self._crm.feed.read(
                after, limit=_PAGE, types=choice.types, entity=entity, record_id=record_id, as_stored=True
            )
            return page, await self._crm.feed.opened(page.events)

        return await self._answered(read)

    @staticmethod
    async def _answered(read: Callable[[], Awaitable[T]]) -> T:
        """Return what the database gives, as soon as it can."""
        while True:
            try:
                return await read()
            except Unavailable:
                await asyncio.sleep(_AGAIN)
