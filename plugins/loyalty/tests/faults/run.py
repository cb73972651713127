"""One run: clients that move points, faults that befall the system, and what has to be true afterwards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from random import Random

from crmcore_loyalty.verify.replaying import replayed
from crmcore_loyalty.verify.verifying import violations as broken

from crmcore import Database, instants
from faults.befalling import with_clock
from faults.checks import violations
from faults.client import Client, Times
from faults.evidence import Evidence, collect
from faults.hand import Hand, Shared
from faults.kinds import TOGETHER
from faults.settling import settle
from faults.site import clock_of, environment, groups_of
from faults.stock import stock
from tests.faults.http import Caller
from tests.faults.journal import Journal, opened
from tests.faults.loading import load
from tests.faults.plan import Plan
from tests.faults.report import Report
from tests.faults.stage import Stage, staged

__all__ = ["run"]

#: So many clients do nothing but earn and redeem, one after the other without a pause, so many of a hundred requests at a desk.
_TILLS, _HANDED_IN = 6, 50
#: Members who may leave in a run, at most.
_SPARE = 40


async def run(plan: Plan) -> Report:
    """Run a plan to its end."""
    report = Report(plan)
    async with staged(plan, environment, "faults.nursery") as stage:
        clock, times = clock_of(stage.folder), dict[str, Times]()
        with opened(stage.folder / "journal.jsonl") as journal:
            shared = await stock(stage, min(plan.faults, _SPARE))
            clients = [_client(plan, stage, journal, times, shared, number) for number in range(plan.clients + _TILLS)]
            await load(plan, stage, clients, report, with_clock(clock))
            now = instants.wire(clock.now())
            if restless := await settle(stage.database, clock, now, plan.patience):
                report.violations.append(restless)
            for service in (*stage.target.servers, *stage.target.workers):
                await service.stop(gently=True)
            evidence = await collect(stage.database, now)
            report.violations += violations(journal, times, evidence)
            report.violations += await _invariants(stage.database)
            report.counts = _figures(stage, journal, clients, evidence)
    return report


def _client(plan: Plan, stage: Stage, journal: Journal, times: dict[str, Times], shared: Shared, number: int) -> Client:
    actor, secret = shared.tokens[number % len(shared.tokens)]
    callers = [Caller(proxy.port, secret) for proxy in stage.target.proxies]
    hand = Hand(Random(plan.seed * 1000 + number), shared, actor)
    if number < plan.clients:
        return Client(f"c{number}", hand, journal, callers, plan.think, times=times)
    return Client(f"till{number}", hand, journal, callers, plan.think / 10, TOGETHER, times=times, desk=_HANDED_IN)


async def _invariants(url: str) -> list[str]:
    database = Database.from_url(url)
    await database.open()
    try:
        found = [violation.shown async for violation in broken(database)]
        return found + [violation.shown async for violation in replayed(database)]
    finally:
        await database.close()


def _figures(stage: Stage, journal: Journal, clients: Sequence[Client], evidence: Evidence) -> Counter[str]:
    entries = journal.entries.values()
    groups = [int(line) for line in groups_of(stage.folder).read_text().splitlines()]
    figures = Counter(
        {
            "intents": len(entries),
            "done": sum(1 for _ in journal.done()),
            "declined or refused": sum(e.answer is not None and e.answer.code is not None for e in entries),
            "requests sent": sum(entry.sent for entry in entries),
            "answers that never came": sum(client.lost for client in clients),
            "intents asked again later": sum(client.again for client in clients),
            "requests handed in at a desk": sum(client.handed_in for client in clients),
            "groups": len(groups),
            "posted in groups": sum(groups),
            "in the largest group": max(groups, default=0),
            "transactions": len(evidence.transactions),
            "entries": len(evidence.entries),
            "processes started": sum(s.starts for s in (*stage.target.servers, *stage.target.workers)),
        }
    )
    kinds = Counter(row["kind"] for row in evidence.transactions.values() if row["status"] == "POSTED")
    return figures + Counter({f"posted {kind}": count for kind, count in kinds.items()})
