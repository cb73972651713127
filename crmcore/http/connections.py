"""The open connections of subscribers: how many each person may have, and whether they still may."""

from __future__ import annotations

import asyncio
import logging
from collections import Counter
from collections.abc import Iterator
from contextvars import Context
from typing import TYPE_CHECKING, Protocol

from crmcore.access.actor import Actor
from crmcore.errors import RateLimited, Unauthenticated, Unavailable
from crmcore.metrics import Family

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["Connections", "Door"]

logger = logging.getLogger("crmcore.http.connections")

#: Connections looked up at once.
_TOGETHER = 50


class Door(Protocol):
    """One open connection.

    Attributes:

        transport: `"websocket"` or `"sse"`.
    """

    transport: str

    async def identify(self) -> Actor:
        """Look up who is at the other end, as it is now.

        Raises:

            Unauthenticated: nobody any more.
        """
        ...

    def known_as(self, actor: Actor) -> None:
        """Go by the rights that the one at the other end has now."""
        ...

    def expel(self) -> None:
        """Close it, since what was sent to open it does not count any more."""
        ...


class Connections:
    """The open connections of one server process."""

    def __init__(self, crm: Crm) -> None:
        self._crm = crm
        self._open: dict[Door, object] = {}
        self._of_whom: Counter[object] = Counter()
        self._checking: asyncio.Task[None] | None = None
        self.cut_off = self.refused = 0

    def enter(self, door: Door, actor: Actor) -> None:
        """Note a connection; `leave` must follow.

        Raises:

            RateLimited: its person has too many.
        """
        whose, most = actor.user_id or actor.id, self._crm.settings.subscriptions.per_actor
        if self._of_whom[whose] >= most:
            self.refused += 1
            msg = f"You have {most} connections open, as many as one may have; close some."
            raise RateLimited(msg)
        self._open[door] = whose
        self._of_whom[whose] += 1
        if self._checking is None:
            self._checking = asyncio.get_running_loop().create_task(self._keep_checking(), context=Context())

    def leave(self, door: Door) -> None:
        """Forget a connection; one that was never noted is fine."""
        if door not in self._open:
            return
        whose = self._open.pop(door)
        self._of_whom[whose] -= 1
        if not self._of_whom[whose]:
            del self._of_whom[whose]
        if not self._open and self._checking is not None:
            self._checking.cancel()
            self._checking = None

    def families(self) -> Iterator[Family]:
        """Give what is counted."""
        by_transport = Counter(door.transport for door in self._open)
        about = "Open connections of subscribers."
        samples = [("", {"transport": name}, by_transport[name]) for name in ("websocket", "sse")]
        yield Family("crm_subscription_connections", "gauge", about, samples)
        about = "Connections closed because their clients read too slowly."
        yield Family("crm_subscription_connections_cut_off_total", "counter", about, [("", {}, self.cut_off)])
        about = "Connections refused because their person had too many."
        yield Family("crm_subscription_connections_refused_total", "counter", about, [("", {}, self.refused)])

    async def _keep_checking(self) -> None:
        while True:
            await asyncio.sleep(self._crm.settings.subscriptions.recheck)
            doors = list(self._open)
            for first in range(0, len(doors), _TOGETHER):
                await asyncio.gather(*map(self._check, doors[first : first + _TOGETHER]))

    async def _check(self, door: Door) -> None:
        try:
            actor = await door.identify()
        except Unauthenticated:
            door.expel()
        except Unavailable as error:
            logger.info("A connection's rights could not be looked up again now: %s", error.message)
        else:
            if door in self._open:
                door.known_as(actor)
