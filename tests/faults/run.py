"""One run: clients that mean things, faults that befall the system, and what has to be true afterwards."""

from __future__ import annotations

import asyncio
import signal
from collections import Counter
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from random import Random
from time import monotonic

from tests.faults.checks import violations
from tests.faults.client import Client, NeverAnswered
from tests.faults.evidence import collect
from tests.faults.fate import befall
from tests.faults.figures import figures
from tests.faults.hand import Hand, Shared
from tests.faults.http import Caller, Lost
from tests.faults.journal import Journal, opened
from tests.faults.plan import Plan
from tests.faults.settling import settle
from tests.faults.stage import Stage, staged
from tests.faults.witnesses import watching

__all__ = ["Report", "run"]

#: Seconds that pass between the last fault and the moment when clients stop to have intents.
_QUIET = 1.0
_CUSTOMERS, _ACCOUNTS = 8, 6
_STAGES = "{ pipelines(first: 1) { nodes { stages { nodes { id kind } } } } }"


@dataclass
class Report:
    """What came of a run.

    Attributes:

        plan: what it was to be.
        faults: how often each kind happened.
        counts: figures of all sorts.
        violations: everything that was wrong.
        seconds: how long the load lasted.
    """

    plan: Plan
    faults: Counter[str] = field(default_factory=Counter)
    counts: Counter[str] = field(default_factory=Counter)
    violations: list[str] = field(default_factory=list)
    seconds: float = 0.0


async def run(plan: Plan) -> Report:
    """Run a plan to its end."""
    report = Report(plan)
    async with staged(plan) as stage:
        with opened(stage.folder / "journal.jsonl") as journal:
            clients = await _clients(plan, stage, journal)
            async with watching(plan, stage) as witnesses:
                began = monotonic()
                await _load(plan, stage, clients, report)
                report.seconds = monotonic() - began
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
    for number in range(plan.clients):
        callers = [Caller(proxy.port, stage.token) for proxy in stage.target.proxies]
        hand = Hand(Random(plan.seed * 1000 + number), shared)
        clients.append(Client(f"c{number}", hand, journal, callers, plan.think))
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


async def _load(plan: Plan, stage: Stage, clients: Sequence[Client], report: Report) -> None:
    over = asyncio.Event()
    working = [asyncio.create_task(client.work(over.is_set)) for client in clients]
    try:
        await befall(plan, stage.target, report.faults, lambda: len(clients[0].journal.entries))
        await asyncio.sleep(_QUIET)
    finally:
        over.set()
        for outcome in await asyncio.gather(*working, return_exceptions=True):
            if isinstance(outcome, NeverAnswered):
                report.violations.append(str(outcome))
            elif isinstance(outcome, BaseException):
                raise outcome
