"""crmcore on one of its databases, with the data it is measured on."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from crmcore import Crm, Settings
from tests.benchmarks.alone import Statement, alone, statements
from tests.benchmarks.cells import Contender
from tests.benchmarks.depth import ends
from tests.benchmarks.load import Tokens
from tests.benchmarks.operations import Operation
from tests.benchmarks.peers import plugins
from tests.benchmarks.peers.crmcore_server import Crmcore
from tests.benchmarks.peers.peer import Peer
from tests.benchmarks.peers.subscribed import Subscribed
from tests.benchmarks.scans import scanned
from tests.benchmarks.world import World

__all__ = ["Side"]

#: Pages of a table that PostgreSQL rightly reads from end to end: the 280 totals of 300,000 deals have six, or one when they were
#: just folded, and it looks them up by their index as long as they have ninety.
_PAGES = 8


@dataclass(frozen=True)
class Side:
    """crmcore on one of its databases.

    Attributes:

        crmcore: it, served.
        tokens: who asks.
        world: what the values that are asked for are taken from.
        database: the first process of the database, None if that is part of the server.
    """

    crmcore: Crmcore
    tokens: Tokens
    world: World
    database: int | None = None

    def contender(self, peer: Peer, warm: float | None = None) -> Contender:
        """Return a server that is measured on the same database."""
        return Contender(peer, self.world, self.database, warm)

    def beside(self, folder: Path) -> list[Contender]:
        """Return the server, the same once more, and the same with more to do besides; plugins are installed in the folder."""
        own = self.crmcore
        plugins.install(folder)
        peers: list[Peer] = [
            own,
            replace(own, name=f"{own.name}, once more"),
            Subscribed(own),
            replace(own, name=f"{own.name}, {plugins.COUNT} plugins", plugins=folder),
        ]
        return [self.contender(peer) for peer in peers]

    def asked(self, operations: Sequence[Operation]) -> Mapping[str, Statement]:
        """Return what the database is asked for each operation that reads, by its key.

        Raises:

            RuntimeError: one reads a table of more than a few pages from end to end.
        """
        return asyncio.run(self._asked(operations))

    def bare(self, asked: Mapping[str, Statement], seconds: float) -> dict[str, float]:
        """Return what statements cost the database alone, microseconds by operation's key."""
        return {key: alone(self.crmcore.url, statement, seconds) for key, statement in asked.items()}

    def deep(self, seconds: float) -> tuple[float, float]:
        """Return what the first page of all interactions costs the database alone, and what one of the last does."""
        first, last = asyncio.run(ends(self.crmcore.url, self.tokens.colleague))
        return alone(self.crmcore.url, first, seconds), alone(self.crmcore.url, last, seconds)

    async def _asked(self, operations: Sequence[Operation]) -> Mapping[str, Statement]:
        url = self.crmcore.url
        async with Crm(Settings(database=url)) as crm:
            found = await statements(crm, self.tokens.colleague, operations, self.world)
        scans = {key: await scanned(url, statement, pages=_PAGES) for key, statement in found.items()}
        if any(scans.values()):
            msg = f"These are read from end to end and want an index: {scans}"
            raise RuntimeError(msg)
        return found
