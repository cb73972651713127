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
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import click

from crmcore import Crm, Settings
from crmcore.testing.postgresql import Server
from tests.benchmarks.beside import HERE, OWN
from tests.benchmarks.cells import Contender
from tests.benchmarks.closely import Closely, Times, closely
from tests.benchmarks.copies import copied, ensured, file_copied
from tests.benchmarks.interpreter import SLOW, optimised
from tests.benchmarks.load import Tokens, load
from tests.benchmarks.measure import Plan, measure
from tests.benchmarks.operations import OPERATIONS, Operation
from tests.benchmarks.peers import postgraphile, strawberry
from tests.benchmarks.peers.crmcore_server import Crmcore
from tests.benchmarks.postgresql import postgresql
from tests.benchmarks.report import Report, write
from tests.benchmarks.side import Side
from tests.benchmarks.world import Place, Size, World

_FULL, _QUICK = Plan(rounds=5, seconds=4, warm=3, long=20), Plan(rounds=1, seconds=1, warm=1, long=1)
_CLOSE, _GLANCE = Closely(starts=6, turns=6, seconds=0.7, warm=2), Closely(starts=1, turns=2, seconds=0.5, warm=1)


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
    plan, close = (_QUICK, _GLANCE) if asked.quick else (_FULL, _CLOSE)
    long = plan.long if asked.warm is None else asked.warm
    plan = replace(plan, rounds=asked.rounds or plan.rounds, seconds=asked.seconds or plan.seconds, long=long)
    size = Size(asked.customers or (2_000 if asked.quick else 200_000))
    operations = [o for o in OPERATIONS if o.key in asked.operations.split(",")]
    if not optimised():
        click.echo(f"Warning: {SLOW}", err=True)
    asked.folder.mkdir(parents=True, exist_ok=True)
    text = write(_Run(asked.folder, size, plan, close, operations, asked.peers.split(",")).all())
    click.echo(text)
    if asked.write:
        asked.write.write_text(text, "utf-8")


@dataclass(frozen=True)
class _Run:
    folder: Path
    size: Size
    plan: Plan
    close: Closely
    operations: Sequence[Operation]
    peers: Sequence[str]

    def all(self) -> Report:
        """Measure on both databases, which take turns."""
        with ExitStack() as stack:
            server, pid = stack.enter_context(postgresql(self.folder / "postgresql"))
            there, here = self._there(server, pid), self._here()
            sides = (there, here)
            asked = [side.asked(self.operations) for side in sides]
            contenders = [*(side.contender(side.crmcore) for side in sides), *self._others(there)]
            return Report(
                self.size,
                _small(self.size),
                self.plan,
                self.close,
                self.operations,
                measure(contenders, self.operations, self.plan, self.folder),
                self._beside(sides),
                *(side.bare(statements, self.plan.seconds) for side, statements in zip(sides, asked, strict=True)),
                *(side.deep(self.plan.seconds) for side in sides),
            )

    def _there(self, server: Server, pid: int) -> Side:
        name = f"benchmark_{self.size.customers}"
        tokens, world = self._ready(asyncio.run(ensured(server, name)), self.size)
        return Side(Crmcore(OWN, asyncio.run(copied(server, name)), tokens.colleague), tokens, world, pid)

    def _here(self) -> Side:
        small = _small(self.size)
        file = self.folder / f"benchmark_{small.customers}.db"
        tokens, world = self._ready(f"sqlite:///{file}", small)
        return Side(Crmcore(HERE, f"sqlite:///{file_copied(file)}", tokens.colleague), tokens, world)

    def _beside(self, sides: Sequence[Side]) -> Mapping[str, Times]:
        found: dict[str, Times] = {}
        logs = self.folder / "beside"  # or the rounds' would be gone
        logs.mkdir(exist_ok=True)
        for operation in (o for o in self.operations if o.key == "one"):
            for side in sides:
                found |= closely(side.beside(self.folder / "plugins"), operation, self.close, logs)
        return found

    def _others(self, side: Side) -> list[Contender]:
        url = side.crmcore.url
        found = [side.contender(replace(side.crmcore, name=f"{OWN}, one team", token=side.tokens.team))]
        if "postgraphile" in self.peers:
            postgraphile.install(self.folder / "postgraphile")
            peer = postgraphile.PostGraphile("PostGraphile", url, self.folder / "postgraphile")
            found.append(side.contender(peer, self.plan.long))
        if "strawberry" in self.peers:
            strawberry.install(self.folder / "strawberry")
            found.append(side.contender(strawberry.Strawberry("Strawberry", url, self.folder / "strawberry")))
        return found

    def _ready(self, url: str, size: Size) -> tuple[Tokens, World]:
        """Return who asks and what there is on a database, which is filled when it is new."""
        kept = self.folder / f"{url.partition(':')[0]}_{size.customers}.json"
        if not kept.exists():
            click.echo(f"Making {size.customers} customers with {size.interactions} interactions ...", err=True)
            kept.write_text(json.dumps(asdict(asyncio.run(load(url, size)))), "utf-8")
        return Tokens(**json.loads(kept.read_text("utf-8"))), asyncio.run(_world(url, size))


def _small(size: Size) -> Size:
    """Return how much SQLite has of what there is on PostgreSQL."""
    return Size(max(size.customers // 10, 10))


async def _world(url: str, size: Size) -> World:
    crm = Crm(Settings(database=url))
    # Brings older data up to the tables of today.
    await crm.start(migrate="always")
    rows = await crm.database.fetch("select id, pipeline_id from stage order by position")
    await crm.stop()
    return World(size, rows[0][1], tuple(Place(row[0], "OPEN", 1) for row in rows))


if __name__ == "__main__":
    main()
