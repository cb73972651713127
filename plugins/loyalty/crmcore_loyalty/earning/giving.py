"""What happened is looked at by the rules, and what they give is posted: once, whoever tells it how often."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Literal
from uuid import UUID, uuid5

from crmcore import Row, Work
from crmcore_loyalty import ledger, tiers
from crmcore_loyalty.earning import counting, limits, loading, tracing
from crmcore_loyalty.earning.award import Award
from crmcore_loyalty.earning.engine import evaluate, recipient
from crmcore_loyalty.earning.facts import Facts
from crmcore_loyalty.earning.rule import Rule
from crmcore_loyalty.ledger import POLICY, Accrual, Source
from crmcore_loyalty.ledger.asked import Policy
from crmcore_loyalty.ledger.policy import active_at
from crmcore_loyalty.sets import as_uuid, members_of
from crmcore_loyalty.tables.ledger import LoyaltyTransactionStatus
from crmcore_loyalty.tables.program import LoyaltyProgramStatus

__all__ = ["Happening", "give", "transaction_id"]


@dataclass(frozen=True, kw_only=True)
class Happening:
    """Something that members may earn by.

    Attributes:

        id: its own: of what is told twice under one id the second time gives nothing.
        facts: what rules see.
        source: what the points come from.
    """

    id: UUID
    facts: Facts
    source: Source


def transaction_id(happening_id: UUID, code: str, member_id: UUID) -> UUID:
    """Return the id under which a rule gives to a member for what happened, the same in all its revisions."""
    return uuid5(happening_id, f"{code}:{member_id}")


async def give(work: Work, program: Row, happenings: Sequence[Happening], *, only: UUID | None = None) -> list[Row]:
    """Give what the published rules say, or one of them; return the transactions, declined ones too.

    Run it with `isolation="read committed"`: it locks the counts of limited rules, then accounts, each in one order.
    """
    triggers = {trigger for one in happenings for trigger in one.facts.triggers}
    rules = await loading.published(work, program["id"], triggers)
    if only is not None:
        rules = [rule for rule in rules if rule.id == only]
    if program["status"] != LoyaltyProgramStatus.ACTIVE.name or not rules:
        return []
    tally = await counting.lock(work, program["id"], _scopes(rules, happenings))
    done = await _done(work, rules, happenings)
    multipliers = await _multipliers(work, rules, happenings)
    decided: list[tuple[Award, Happening]] = []
    for one in happenings:
        open_ = [rule for rule in rules if transaction_id(one.id, rule.code, recipient(rule, one.facts)) not in done]
        outcome = evaluate(open_, one.facts, tally, multipliers)
        decided += [(award, one) for award in outcome.awards]
    posted = await _post(work, program, decided)
    for (award, one), row in zip(decided, posted, strict=True):
        if row["status"] == LoyaltyTransactionStatus.DECLINED.name:
            tally.add(award.rule, award.member_id, one.facts.local, -award.points, one.facts.at)
    await counting.keep(work, program["id"], tally)
    return posted


def _scopes(rules: Sequence[Rule], happenings: Sequence[Happening]) -> set[limits.Scope]:
    return {
        scope
        for one in happenings
        for rule in rules
        if rule.trigger in one.facts.triggers
        for scope in limits.scopes(rule, recipient(rule, one.facts), one.facts.local)
    }


async def _done(work: Work, rules: Sequence[Rule], happenings: Sequence[Happening]) -> set[UUID]:
    wanted = {transaction_id(one.id, rule.code, recipient(rule, one.facts)) for one in happenings for rule in rules}
    sql = f"select id from loyalty_transaction where id in ({members_of(work.database.dialect, 1)})"
    return {as_uuid(id) for (id,) in await work.database.fetch(sql, list(wanted))}


async def _multipliers(work: Work, rules: Sequence[Rule], happenings: Sequence[Happening]) -> Mapping[UUID, Decimal]:
    if not any(rule.tiered for rule in rules):
        return {}
    return await tiers.multipliers(work, {recipient(rule, one.facts) for one in happenings for rule in rules})


async def _post(work: Work, program: Row, decided: Sequence[tuple[Award, Happening]]) -> list[Row]:
    accruals = [
        Accrual(
            id=transaction_id(one.id, award.rule.code, award.member_id),
            member_id=award.member_id,
            currency_id=award.rule.currency_id,
            points=award.points,
            event_at=one.facts.at,
            active_at=_active_at(award.rule, program, one.facts),
            source=one.source,
            reason=award.rule.name,
            trace=tracing.trace(award, one.facts),
        )
        for award, one in decided
    ]
    return await ledger.accrue_many(work, accruals, partial=True) if accruals else []


def _active_at(rule: Rule, program: Row, facts: Facts) -> datetime | Literal[Policy.POLICY] | None:
    if rule.pending_until_event:
        return None
    if rule.pending_days is None:
        return POLICY
    return active_at({"pending_days": rule.pending_days}, program["timezone"], facts.at)
