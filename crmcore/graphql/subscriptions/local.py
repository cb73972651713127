"""A subscription within the process, for tests and for programs that embed a CRM."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import TYPE_CHECKING, Any

import msgspec

from crmcore.access.actor import Actor
from crmcore.errors import Invalid, Unavailable
from crmcore.events.cursor import Cursor
from crmcore.graphql.subscriptions.asked import ask, is_subscription

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["subscribe"]

#: Answers that may wait for the program.
_LONGEST = 1000

_End = Exception | None


class _Queue:
    """See `crmcore.graphql.subscriptions.member.Sink`."""

    def __init__(self) -> None:
        self._waiting: asyncio.Queue[str] = asyncio.Queue()
        self._taken = asyncio.Event()
        self._end: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def next(self, payload: str, cursor: Cursor | None) -> None:  # noqa: ARG002 - the answer has it if it was asked for
        if self._waiting.qsize() >= _LONGEST:
            self.interrupted("The program took the answers too slowly; begin again after the last cursor.")
        else:
            self._waiting.put_nowait(payload)

    async def room(self) -> None:
        while self._waiting.qsize() > _LONGEST // 2:
            self._taken.clear()
            await self._taken.wait()

    def interrupted(self, reason: str) -> None:
        self.refused(Unavailable(reason))

    def refused(self, error: Exception) -> None:
        if not self._end.done():
            self._end.set_exception(error)

    def complete(self) -> None:
        if not self._end.done():
            self._end.set_result("")

    async def answers(self) -> AsyncIterator[str]:
        """Give the answers until there are no more.

        Raises:

            Refusal: why there are no more.
        """
        while True:
            getting = asyncio.ensure_future(self._waiting.get())
            try:
                await asyncio.wait((getting, self._end), return_when=asyncio.FIRST_COMPLETED)
            finally:
                if not getting.done():
                    getting.cancel()
            if not getting.done():
                self._end.result()
                return
            self._taken.set()
            yield getting.result()

    def close(self) -> None:
        """Forget why it ended, if nobody asked."""
        self._end.cancel()


async def subscribe(
    crm: Crm,
    text: str,
    variables: Mapping[str, Any] | None,
    actor: Actor,
    operation_name: str | None = None,
    after: str | None = None,
) -> AsyncIterator[dict[str, Any]]:
    """Give the answers of a subscription, parsed, as things happen.

    Args:

        crm: a CRM that runs.
        text: the document.
        variables: JSON values by name.
        actor: who asks.
        operation_name: which operation of the document; needed when it has several.
        after: a cursor that counts in place of the argument `after`.

    Raises:

        GraphQLErrors: the document or its variables are wrong.
        Invalid: it is no subscription, or an argument is wrong.
        Unavailable: it was interrupted; begin again after the last cursor.
    """
    operation = crm.documents.get(text, operation_name, limits=crm.tiers.of(actor.access))
    if not is_subscription(operation):
        msg = "That is no subscription; use `Crm.execute`."
        raise Invalid(msg)
    queue = _Queue()
    member = crm.audiences.begin(ask(crm, operation, variables or {}, actor, after=after), queue)
    try:
        async for answer in queue.answers():
            yield msgspec.json.decode(answer)
    finally:
        crm.audiences.end(member)
        queue.close()
