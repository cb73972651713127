"""Measure the six operations on crmcore and on what else people build such an API with: `python -m tests.benchmarks`.

Run it on a machine that does nothing else, by `tox -e bench`; `--quick` takes two minutes instead of half an hour.
Data and peers are kept in a folder, so that only the first run makes them; each run has copies of the data.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import asdict
from pathlib import Path

import click

from crmcore import Crm, Settings
from tests.benchmarks.alone import Statement, alone, statements
from tests.benchmarks.beside import OWN, PLUGINS
from tests.benchmarks.copies import copied, ensured, file_copied
from tests.benchmarks.depth import ends
from tests.benchmarks.interpreter import SLOW, optimised
from tests.benchmarks.load import Tokens, load
from tests.benchmarks.measure import Contender, Plan, measure
from tests.benchmarks.operations import OPERATIONS, Operation
from tests.benchmarks.peers import plugins, postgraphile, strawberry
from tests.benchmarks.peers.crmcore_server import Crmcore
from tests.benchmarks.peers.peer import Peer
from tests.benchmarks.peers.subscribed import Subscribed
from tests.benchmarks.postgresql import postgresql
from tests.benchmarks.report import Report, write
from tests.benchmarks.scans import scanned
from tests.benchmarks.world import Place, Size, World

_FULL, _QUICK = Plan(rounds=5, seconds=4, warm=3), Plan(rounds=1, seconds=1, warm=1)
#: Warm-up of PostGraphile, which gets faster for a long time: seconds for each operation.
_LONG = 20.0
#: Pages of a table that PostgreSQL rightly reads from end to end: the 280 totals of 300,000 deals have six, or one when they were
#: just folded, and it looks them up by their index as long as they have ninety.
_PAGES = 8


def main() -> None:
    """Measure, print, and write the page if asked."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--quick", action="store_true", help="a hundredth of the data, one short round")
    parser.add_argument("--customers", type=int, help="customers on PostgreSQL; SQLite gets a tenth")
    parser.add_argument("--rounds", type=int, help="how often each cell is measured")
    parser.add_argument("--seconds", type=float, help="how long each cell is measured")
    parser.add_argument("--warm", type=float, help="seconds that PostGraphile warms up for each operation")
    parser.add_argument("--operations", default=",".join(o.key for o in OPERATIONS), help="which, joined by commas")
    parser.add_argument("--peers", default="postgraphile,strawberry", help="which, joined by commas; may be empty")
    parser.add_argument("--folder", type=Path, default=Path(tempfile.gettempdir()) / "crmcore-benchmark")
    parser.add_argument("--write", type=Path, metavar="FILE", help="write the page here, as docs/performance.md")
    asked = parser.parse_args()
    plan = _QUICK if asked.quick else _FULL
    plan = Plan(asked.rounds or plan.rounds, asked.seconds or plan.seconds, plan.warm)
    size = Size(asked.customers or (2_000 if asked.quick else 200_000))
    operations = [o for o in OPERATIONS if o.key in asked.operations.split(",")]
    long = asked.warm if asked.warm is not None else (plan.warm if asked.quick else _LONG)
    if not optimised():
        click.echo(f"Warning: {SLOW}", err=True)
    asked.folder.mkdir(parents=True, exist_ok=True)
    report = _Run(asked.folder, size, plan, operations, asked.peers.split(","), long).all()
    text = write(report)
    click.echo(text)
    if asked.write:
        asked.write.write_text(text, "utf-8")


class _Run:
    def __init__(
        self, folder: Path, size: Size, plan: Plan, operations: Sequence[Operation], peers: Sequence[str], long: float
    ) -> None:
        self._folder, self._size, self._plan, self._operations = folder, size, plan, operations
        self._peers, self._long = peers, long

    def all(self) -> Report:
        """Measure on both databases, which take turns as well."""
        small = Size(max(self._size.customers // 10, 10))
        file = self._folder / f"benchmark_{small.customers}.db"
        tokens_here, world_here = self._ready(f"sqlite:///{file}", small)
        here = f"sqlite:///{file_copied(file)}"
        on_sqlite = Crmcore(f"{OWN} on SQLite", here, tokens_here.colleague)
        with ExitStack() as stack:
            server, pid = stack.enter_context(postgresql(self._folder / "postgresql"))
            name = f"benchmark_{self._size.customers}"
            tokens, world = self._ready(asyncio.run(ensured(server, name)), self._size)
            url = asyncio.run(copied(server, name))
            own = Crmcore(OWN, url, tokens.colleague)
            contenders = [
                Contender(own, world, pid),
                Contender(on_sqlite, world_here),
                Contender(Subscribed(own), world, pid, only=("one",)),
                Contender(Subscribed(on_sqlite), world_here, only=("one",)),
                *(Contender(peer, world, pid, self._warm(peer)) for peer in self._others(url, tokens)),
            ]
            found = measure(contenders, self._operations, self._plan, self._folder)
            bare, deep = self._bare(url, tokens, world), self._deep(url, tokens)
        bare_here, deep_here = self._bare(here, tokens_here, world_here), self._deep(here, tokens_here)
        return Report(
            self._size, small, self._plan, self._operations, found, bare, bare_here, deep, deep_here, self._long
        )

    def _others(self, url: str, tokens: Tokens) -> list[Peer]:
        plugins.install(self._folder / "plugins")
        peers: list[Peer] = [
            Crmcore(f"{OWN}, {PLUGINS}", url, tokens.colleague, self._folder / "plugins"),
            Crmcore(f"{OWN}, one team", url, tokens.team),
        ]
        if "postgraphile" in self._peers:
            postgraphile.install(self._folder / "postgraphile")
            peers.append(postgraphile.PostGraphile("PostGraphile", url, self._folder / "postgraphile"))
        if "strawberry" in self._peers:
            strawberry.install(self._folder / "strawberry")
            peers.append(strawberry.Strawberry("Strawberry", url, self._folder / "strawberry"))
        return peers

    def _warm(self, peer: Peer) -> float | None:
        return self._long if peer.name == "PostGraphile" else None

    def _bare(self, url: str, tokens: Tokens, world: World) -> dict[str, float]:
        asked = asyncio.run(_asked(url, tokens.colleague, self._operations, world))
        return {key: alone(url, statement, self._plan.seconds) for key, statement in asked.items()}

    def _deep(self, url: str, tokens: Tokens) -> tuple[float, float]:
        """Return what the first page of all interactions costs the database, and what one of the last does."""
        first, last = asyncio.run(ends(url, tokens.colleague))
        return alone(url, first, self._plan.seconds), alone(url, last, self._plan.seconds)

    def _ready(self, url: str, size: Size) -> tuple[Tokens, World]:
        """Return who asks and what there is on a database, which is filled when it is new."""
        kept = self._folder / f"{url.partition(':')[0]}_{size.customers}.json"
        if not kept.exists():
            click.echo(f"Making {size.customers} customers with {size.interactions} interactions ...", err=True)
            kept.write_text(json.dumps(asdict(asyncio.run(load(url, size)))), "utf-8")
        return Tokens(**json.loads(kept.read_text("utf-8"))), asyncio.run(_world(url, size))


async def _asked(url: str, token: str, operations: Sequence[Operation], world: World) -> Mapping[str, Statement]:
    """Return the statements, once it is sure that none of them scans a table of more than a few pages."""
    async with Crm(Settings(database=url)) as crm:
        found = await statements(crm, token, operations, world)
    scans = {key: await scanned(url, statement, pages=_PAGES) for key, statement in found.items()}
    if any(scans.values()):
        msg = f"These are read from end to end and want an index: {scans}"
        raise RuntimeError(msg)
    return found


async def _world(url: str, size: Size) -> World:
    crm = Crm(Settings(database=url))
    # Brings older data up to the tables of today.
    await crm.start(migrate="always")
    rows = await crm.database.fetch("select id, pipeline_id from stage order by position")
    await crm.stop()
    return World(size, rows[0][1], tuple(Place(row[0], "OPEN", 1) for row in rows))


if __name__ == "__main__":
    main()
