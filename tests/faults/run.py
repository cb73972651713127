"""One run: clients that mean things, faults that befall the system, and what has to be true afterwards."""

from __future__ import annotations

import signal
from contextlib import suppress
from random import Random

from tests.faults.checks import violations
from tests.faults.client import Client
from tests.faults.evidence import collect
from tests.faults.figures import figures
from tests.faults.hand import Hand, Shared
from tests.faults.http import Caller, Lost
from tests.faults.journal import Journal, opened
from tests.faults.kinds import KINDS
from tests.faults.loading import load
from tests.faults.plan import Plan
from tests.faults.report import Report
from tests.faults.settling import settle
from tests.faults.stage import Stage, staged
from tests.faults.witnesses import watching

__all__ = ["run"]

_CUSTOMERS, _ACCOUNTS = 8, 6
#: So many clients beside the others do one thing without a pause, so that transactions are ready at once and committed together.
_LABELLERS, _LABELS = 4, {"label": KINDS["label"]}
_STAGES = "{ pipelines(first: 1) { nodes { stages { nodes { id kind } } } } }"


async def run(plan: Plan) -> Report:
    """Run a plan to its end."""
    report = Report(plan)
    async with staged(plan) as stage:
        with opened(stage.folder / "journal.jsonl") as journal:
            clients = await _clients(plan, stage, journal)
            async with watching(plan, stage) as witnesses:
                await load(plan, stage, clients, report)
                if restless := await settle(stage.database, witnesses, plan.patience):
                    report.violations.append(restless)
            await _stop(stage, report)
            evidence = await collect(stage.database, stage.traces, frozenset(stage.target.paused))
            report.violations += violations(journal, witnesses, evidence)
            report.counts = figures(stage, journal, clients, witnesses, evidence)
    return report


async def _stop(stage: Stage, report: Report) -> None:
    for service in (*stage.target.servers, *stage.target.workers):
        code = await service.stop(gently=True)
        # One that has not come far enough to hear the signal is ended by it.
        if code not in (0, None, -signal.SIGTERM):
            report.violations.append(f"{service.name} ended with status {code} when it was asked to stop")


async def _clients(plan: Plan, stage: Stage, journal: Journal) -> list[Client]:
    shared, clients = Shared(), []
    for number in range(plan.clients + _LABELLERS):
        callers = [Caller(proxy.port, stage.token) for proxy in stage.target.proxies]
        hand = Hand(Random(plan.seed * 1000 + number), shared)
        kinds, think = (KINDS, plan.think) if number < plan.clients else (_LABELS, plan.think / 4)
        clients.append(Client(f"c{number}", hand, journal, callers, think, kinds))
    await _share(clients[0], shared)
    return clients


async def _share(client: Client, shared: Shared) -> None:
    """Make what all clients write to."""
    for _ in range(_CUSTOMERS):
        entry = await client.do("open")
        assert entry is not None
        shared.customers.append(client.hand.customers.pop())
    for number in range(_ACCOUNTS):
        entry = await client.do("account", {"data": {"name": f"Account {number}"}})
        assert entry is not None
        assert entry.answer is not None
        shared.accounts.append(str(entry.answer.ids[0]))
    for caller in client.callers:
        with suppress(Lost):
            (pipeline,) = (await caller.graphql(_STAGES))["data"]["pipelines"]["nodes"]
            shared.stages[:] = [s["id"] for s in pipeline["stages"]["nodes"] if s["kind"] == "OPEN"]
