"""Those who are shown the same: for each change their rights are asked for once, and each document is read once."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Callable, Hashable, Mapping, Sequence
from contextvars import Context
from typing import TYPE_CHECKING

from crmcore.access.actor import Actor
from crmcore.events.cursor import Cursor
from crmcore.graphql.subscriptions.member import Member
from crmcore.graphql.subscriptions.reading import changes, permitted, reading_of
from crmcore.graphql.subscriptions.showing import show
from crmcore.graphql.subscriptions.sources import Happening

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Audience"]

logger = logging.getLogger("crmcore.graphql.subscriptions")

#: Events that may wait for their turn; with more the members read on by themselves, each at its own pace.
_LONGEST = 5000

#: What there is to do: the events wanted by what is shown of them, and how far the feed was read.
_Batch = tuple[Mapping[Hashable, list[Happening]], Cursor]


class Audience:
    """The members with the same rules, served together as things happen.

    Args:

        crm: the CRM.
        actor: one of those whose rules they are.
        done: how far the feed was read when it began.
        overrun: called when there is more than it can serve, so that the members must be served otherwise.

    Attributes:

        groups: the members by what they are shown; those of one group are shown the same of every event.
        done: everything up to here was served.
    """

    def __init__(self, crm: Crm, actor: Actor, done: Cursor, overrun: Callable[[Audience], None]) -> None:
        self._crm, self._actor, self._overrun = crm, actor, overrun
        self.groups: dict[Hashable, dict[Member, None]] = {}
        self.done = done
        self._waiting: deque[_Batch] = deque()
        self._events = 0
        self._task: asyncio.Task[None] | None = None

    @property
    def members(self) -> list[Member]:
        """All members."""
        return [member for group in self.groups.values() for member in group]

    def add(self, member: Member) -> None:
        """Serve a member too, from the hub's position on."""
        self.groups.setdefault(member.asked.shown, {})[member] = None

    def remove(self, member: Member) -> None:
        """Serve a member no more; its position says how far it was served."""
        group = self.groups[member.asked.shown]
        del group[member]
        if not group:
            del self.groups[member.asked.shown]
        member.advance(self.done)

    def take(self, events: Sequence[Happening], cursor: Cursor) -> None:
        """Have those events served that somebody here wants."""
        wanted: dict[Hashable, list[Happening]] = {}
        for shown, group in list(self.groups.items()):
            if chosen := self._chosen(group, events):
                wanted[shown] = chosen
        if not wanted and self._task is None:
            self.done = cursor
            return
        self._waiting.append((wanted, cursor))
        self._events += sum(map(len, wanted.values()))
        if self._events > _LONGEST:
            self.stop()
            self._overrun(self)
        elif self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._serve(), context=Context())

    def stop(self) -> None:
        """End what is under way; members that remain are served no more."""
        if self._task is not None:
            self._task.cancel()
        self._waiting.clear()

    def interrupt(self, reason: str) -> None:
        """Tell all members to begin again."""
        for member in self.members:
            member.sink.interrupted(reason)

    @staticmethod
    def _chosen(group: Mapping[Member, None], events: Sequence[Happening]) -> list[Happening]:
        choice = next(iter(group)).choice
        try:
            return [event for event in events if choice.takes(event)]
        except Exception as error:
            # A plugin's function failed: those who asked for it learn that, and nobody else is kept waiting.
            logger.exception("A subscription could not choose its events; it is ended.")
            for member in list(group):
                member.sink.refused(error)
            return []

    async def _serve(self) -> None:
        try:
            while self._waiting:
                wanted, cursor = self._waiting[0]
                await self._serve_batch(wanted)
                self._waiting.popleft()
                self._events -= sum(map(len, wanted.values()))
                self.done = cursor
        except Exception:
            # Nobody may wait for ever for what will not come: they begin again where they are.
            logger.exception("Subscribers could not be served; their subscriptions are interrupted.")
            self.interrupt("Something went wrong here; it is in the log.")
        finally:
            self._task = None

    async def _serve_batch(self, wanted: Mapping[Hashable, list[Happening]]) -> None:
        every = list(dict.fromkeys(event for chosen in wanted.values() for event in chosen))
        known = await permitted(self._crm, self._actor, every)
        for shown, chosen in wanted.items():
            seen = [event for event in chosen if event in known]
            group = self.groups.get(shown)
            if not seen or not group:
                continue
            # Who comes while these are read has seen them, or will read them by itself.
            asked, reading = next(iter(group)).asked, reading_of(group)
            values = await changes(self._crm, self._actor, seen, reading if asked.tells else None)
            texts = await show(asked, self._actor, values, reading)
            for event, text in zip(seen, texts, strict=True):
                for member in list(group):
                    member.give(event.recorded.cursor, text)
