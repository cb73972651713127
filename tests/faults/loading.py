"""Clients at work while faults befall the system."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from time import monotonic
from typing import Any

from tests.faults.asking import Asking, NeverAnswered
from tests.faults.fate import befall
from tests.faults.faults import FAULTS, Fault
from tests.faults.plan import Plan
from tests.faults.report import Report
from tests.faults.stage import Stage

__all__ = ["load"]

#: Seconds that pass between the last fault and the moment when clients stop to have intents.
_QUIET = 1.0


async def load(
    plan: Plan, stage: Stage, clients: Sequence[Asking[Any]], report: Report, faults: Mapping[str, Fault] = FAULTS
) -> None:
    """Let clients work until all faults of a plan have happened, and every intent has its answer.

    Args:

        plan: of the run.
        stage: the system.
        clients: who works; the first of them, as many as the plan has, do so in all ways.
        report: gets what happened, how long it took, and who never got an answer.
        faults: the kinds there are, by name.
    """
    began, over = monotonic(), asyncio.Event()
    # Those beside them do one thing without a pause, and would have a fault follow the other before the rest has come on.
    various = clients[: plan.clients]
    working = [asyncio.create_task(client.work(over.is_set)) for client in clients]
    try:
        await befall(plan, stage.target, report.faults, lambda: sum(len(c.settled) for c in various), faults)
        await asyncio.sleep(_QUIET)
    finally:
        over.set()
        for outcome in await asyncio.gather(*working, return_exceptions=True):
            if isinstance(outcome, NeverAnswered):
                report.violations.append(str(outcome))
            elif isinstance(outcome, BaseException):
                raise outcome
    report.seconds = monotonic() - began
