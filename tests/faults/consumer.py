"""A reader of the feed over HTTP that keeps its cursor with what it has read, as other systems that follow a CRM do."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass, field
from random import Random

from tests.faults.http import Caller, Lost, bare

__all__ = ["Consumer"]

_PAGE = """
query($after: String, $first: Int!) {
  changes(after: $after, first: $first) { nodes { id } pageInfo { endCursor hasNextPage } }
}
"""


@dataclass
class Consumer:
    """Reads page after page, from the beginning.

    Args:

        name: what reports call it.
        callers: one for each server; the next one is asked whenever one does not answer.
        first: events on a page.
        pause: seconds between two pages, on average; it reads on at once only when behind and quick.
        random: chance.

    Attributes:

        seen: ids of the events, in the order they came.
        failures: answers that were none, other than lost ones.
    """

    name: str
    callers: Sequence[Caller]
    first: int
    pause: float
    random: Random
    seen: list[str] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)

    async def follow(self) -> None:
        """Read until cancelled."""
        try:
            await self._follow()
        finally:
            for caller in self.callers:
                caller.close()

    async def _follow(self) -> None:
        cursor: str | None = None
        turn = 0
        while True:
            try:
                said = await self.callers[turn % len(self.callers)].graphql(
                    _PAGE, {"after": cursor, "first": self.first}
                )
            except Lost:
                turn += 1
                await asyncio.sleep(0.1)
                continue
            page = (said.get("data") or {}).get("changes")
            if page is None:
                self._note(str(said.get("errors")))
                turn += 1
                await asyncio.sleep(0.1)
                continue
            self.seen += [bare(node["id"]) for node in page["nodes"]]
            cursor = page["pageInfo"]["endCursor"] or cursor
            await asyncio.sleep(self.random.expovariate(1 / self.pause))

    def _note(self, said: str) -> None:
        if "UNAVAILABLE" not in said and len(self.failures) < 10:
            self.failures.append(said)
