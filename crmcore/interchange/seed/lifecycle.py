"""How far each customer has come, as it follows from their deals, and every step on the way."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from uuid import UUID

from crmcore.interchange.seed.deals import MadeDeal
from crmcore.interchange.seed.seeding import Seeding

__all__ = ["Step", "add_steps", "lifecycle"]

_LOYAL_AFTER = 2
_AT_RISK = timedelta(days=180)
_CHURNED = timedelta(days=360)


@dataclass(frozen=True, slots=True)
class Step:
    """That a customer came into a stage."""

    stage: str
    at: datetime
    reason: str | None = None


def lifecycle(random: Random, since: datetime, now: datetime, deals: Sequence[MadeDeal]) -> list[Step]:
    """Return the stages of a customer, first to last; two that follow each other differ."""
    steps = [Step("SUBSCRIBER" if not deals and random.random() < 0.2 else "LEAD", since)]
    steps += _prospect(random, since) if not deals else _buyer(random, deals)
    found = [steps[0]]
    for step in sorted(steps[1:], key=lambda s: s.at):
        if step.at < now and step.stage != found[-1].stage and step.at > found[-1].at:
            found.append(step)
    return found


def _prospect(random: Random, since: datetime) -> list[Step]:
    chance, at = random.random(), since + timedelta(days=random.randint(3, 40), seconds=random.randrange(86_400))
    if chance < 0.3:
        return [Step("QUALIFIED", at)]
    return [Step("DISQUALIFIED", at, random.choice(("no-need", "wrong-contact", "too-small")))] if chance < 0.4 else []


def _buyer(random: Random, deals: Sequence[MadeDeal]) -> list[Step]:
    steps = [Step("OPPORTUNITY", min(d.since for d in deals) + timedelta(minutes=5))]
    won = sorted(d.until for d in deals if d.won and d.until is not None)
    steps += [Step("LOYAL" if n >= _LOYAL_AFTER else "CUSTOMER", at) for n, at in enumerate(won, 1)]
    idle = all(d.until is not None for d in deals)
    if won and idle:
        steps += [Step("AT_RISK", won[-1] + _AT_RISK), Step("CHURNED", won[-1] + _CHURNED, "no-order-for-a-year")]
    elif idle and random.random() < 0.4:
        steps.append(
            Step("DISQUALIFIED", max(d.until for d in deals if d.until) + timedelta(days=20), "all-deals-lost")
        )
    return steps


def add_steps(seeding: Seeding, customer: UUID, steps: Sequence[Step]) -> None:
    """Add the record of each step."""
    before = None
    for step in steps:
        values = {
            "customer_id": customer,
            "from_stage": before,
            "to_stage": step.stage,
            "at": step.at,
            "reason": step.reason,
        }
        seeding.add("lifecycle_change", values, step.at)
        before = step.stage
