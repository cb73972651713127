"""What rules would give: for something that might happen, and for all that has; nothing is written."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID

from crmcore import Row, Work, errors
from crmcore_loyalty import tiers
from crmcore_loyalty.earning import counting, limits, loading
from crmcore_loyalty.earning.award import Outcome
from crmcore_loyalty.earning.engine import evaluate, recipient
from crmcore_loyalty.earning.facts import Facts
from crmcore_loyalty.earning.history import happened
from crmcore_loyalty.earning.limits import Tally
from crmcore_loyalty.earning.rule import Rule

__all__ = ["Tried", "try_now", "try_on_history"]

#: More than that is not looked at in one request.
_MOST = 200_000


@dataclass(slots=True)
class Tried:
    """What a rule would have given.

    Attributes:

        awards: how often.
        points: how many in all.
        members: to whom.
        skipped: why it gave nothing, and how often.
    """

    awards: int = 0
    points: int = 0
    members: set[UUID] = field(default_factory=set)
    skipped: Counter[str] = field(default_factory=Counter)


async def try_now(work: Work, program: Row, facts: Facts) -> Outcome:
    """Return what the published rules would give for something, with what they gave so far."""
    rules = await loading.published(work, program["id"], facts.triggers)
    who = {recipient(rule, facts) for rule in rules}
    wanted = {scope for rule in rules for scope in limits.scopes(rule, recipient(rule, facts), facts.local)}
    tally = await counting.look(work, program["id"], wanted)
    return evaluate(rules, facts, tally, await tiers.multipliers(work, who))


async def try_on_history(
    work: Work, program: Row, rules: Sequence[Rule], begin: datetime, end: datetime
) -> dict[UUID, Tried]:
    """Return what rules, drafts too, would have given for what happened, with limits counted from the beginning.

    Raises:

        Invalid: more happened than one request looks at.
    """
    tried = {rule.id: Tried() for rule in rules}
    tally, looked_at = Tally(), 0
    async for page in happened(work, program, begin, end):
        looked_at += len(page)
        if looked_at > _MOST:
            text = f"More than {_MOST} orders and activities; take a shorter time."
            raise errors.Invalid.at("until", "TOO_MUCH", text)
        who = {id for facts in page for id in (facts.member_id, facts.referrer_id) if id is not None}
        multipliers = await tiers.multipliers(work, who)
        for facts in page:
            _note(tried, evaluate(rules, facts, tally, multipliers))
    return tried


def _note(tried: dict[UUID, Tried], outcome: Outcome) -> None:
    for award in outcome.awards:
        one = tried[award.rule.id]
        one.awards += 1
        one.points += award.points
        one.members.add(award.member_id)
    for skipped in outcome.skipped:
        tried[skipped.rule.id].skipped[skipped.code] += 1
