"""How long a whole program's tiers take: `python benchmarks/tiers.py [--members 100000] [--sqlite]`.

Members with a dozen transactions each are loaded past the services; then everybody is evaluated for the first time (all standings and
their history are new), once more (nothing has changed), and after a year in which nobody earned anything (everybody comes down).
"""

from __future__ import annotations

import argparse
import asyncio
import json
import tempfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from random import Random
from time import perf_counter, process_time
from uuid import UUID

from crmcore_loyalty.sets import insert_many
from crmcore_loyalty.tables.ledger import LoyaltyTransaction
from crmcore_loyalty.tables.program import LoyaltyMember
from crmcore_loyalty.tiers.reading import ladders
from crmcore_loyalty.tiers.recalculate import recalculate

from crmcore import Actor, Crm, Settings, Work, actions, clock, ids
from crmcore.cli.quick import quick_start
from crmcore.testing.postgresql import running_server

_ACTOR = Actor.system("benchmark")
_NOW = datetime(2027, 11, 1, 12, tzinfo=UTC)
_STAMP = {"type": "SYSTEM", "id": None, "label": "benchmark"}


async def _set_up(work: Work) -> tuple[UUID, UUID]:
    program = await actions.create(work, "loyalty_program", {"code": "B", "name": "B", "status": "ACTIVE"})
    currency = {"program_id": program["id"], "code": "P", "name": "Points"}
    currency_id = (await actions.create(work, "loyalty_currency", currency))["id"]
    group = {"program_id": program["id"], "code": "S", "name": "Status", "currency_id": currency_id}
    group_id = (await actions.create(work, "loyalty_tier_group", group))["id"]
    for rank, threshold in enumerate((500, 2_000, 6_000), 1):
        tier = {"group_id": group_id, "rank": rank, "code": f"T{rank}", "name": f"Tier {rank}", "threshold": threshold}
        await actions.create(work, "loyalty_tier", tier)
    return program["id"], currency_id


async def _fill(crm: Crm, program: UUID, currency: UUID, members: int) -> None:
    random = Random(1)  # noqa: S311
    for begin in range(0, members, 5_000):
        made = [ids.new() for _ in range(begin, min(begin + 5_000, members))]
        stamped = {"version": 1, "created_at": _NOW, "updated_at": _NOW, "created_by": _STAMP, "updated_by": _STAMP}
        await insert_many(
            crm.database,
            LoyaltyMember,
            [
                {
                    "id": m,
                    **stamped,
                    "program_id": program,
                    "number": str(m),
                    "status": "ACTIVE",
                    "enrolled_at": _NOW - timedelta(days=700),
                }
                for m in made
            ],
        )
        await insert_many(
            crm.database, LoyaltyTransaction, [_earned(random, m, currency) for m in made for _ in range(12)]
        )


def _earned(random: Random, member: UUID, currency: UUID) -> dict[str, object]:
    at = _NOW - timedelta(days=random.randrange(600), seconds=random.randrange(80_000))
    points = random.randrange(10, 600)
    kind = {"id": ids.new(), "kind": "ACCRUAL", "status": "POSTED", "currency_id": currency, "member_id": member}
    return {**kind, "points": points, "event_at": at, "recorded_at": at, "fingerprint": "", "actor": _STAMP}


async def _run(url: str, members: int) -> dict[str, object]:
    with quick_start():  # as `crm worker` is: the collector looks only at what is new
        crm, now = Crm(Settings(database=url)), [_NOW]
    await crm.start(migrate="always")
    try:
        with clock.at(lambda: now[0]):
            program, currency = await crm.run(_ACTOR, _set_up)
            await _fill(crm, program, currency, members)
            if crm.database.dialect == "postgresql":
                await crm.database.execute("analyze")
            (ladder,) = await ladders(crm.database)
            figures: dict[str, object] = {"members": members, "database": crm.database.dialect}
            for name, days in (("first", 0), ("again", 0), ("two years later", 800)):
                now[0] = _NOW + timedelta(days=days)
                figures[name] = await _timed(lambda: recalculate(crm, _ACTOR, ladder))
            return figures
    finally:
        await crm.stop()


async def _timed(work: Callable[[], object]) -> dict[str, object]:
    wall, processor = perf_counter(), process_time()
    looked, changed = await work()  # type: ignore[misc, attr-defined]
    return {
        "seconds": round(perf_counter() - wall, 1),
        "of them in this process": round(process_time() - processor, 1),
        "evaluated": looked,
        "changed": changed,
    }


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--members", type=int, default=100_000)
    parser.add_argument("--sqlite", action="store_true", help="on SQLite instead of PostgreSQL")
    asked = parser.parse_args()
    if asked.sqlite:
        with tempfile.TemporaryDirectory() as folder:
            figures = asyncio.run(_run(f"sqlite:///{Path(folder) / 'crm.db'}", asked.members))
    else:
        with running_server() as server:
            figures = asyncio.run(_run(server.url("postgres"), asked.members))
    print(json.dumps(figures, indent=2))  # noqa: T201


if __name__ == "__main__":
    main()
