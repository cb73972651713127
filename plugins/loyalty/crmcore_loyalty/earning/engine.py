"""The engine: which rules give how many points for what happened. It knows neither database nor clock."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from fractions import Fraction
from uuid import UUID

from crmcore_loyalty.earning import amounts
from crmcore_loyalty.earning.award import Award, Outcome, Skipped
from crmcore_loyalty.earning.facts import Facts
from crmcore_loyalty.earning.limits import Tally, allowed
from crmcore_loyalty.earning.matching import matched
from crmcore_loyalty.earning.multiplying import multiplied
from crmcore_loyalty.earning.rule import Rule
from crmcore_loyalty.earning.stacking import Candidate, stacked
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleEffect as Effect
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleRecipient as Recipient

__all__ = ["evaluate", "recipient"]

_ONE = Decimal(1)


def evaluate(
    rules: Iterable[Rule], facts: Facts, tally: Tally, multipliers: Mapping[UUID, Decimal] | None = None
) -> Outcome:
    """Decide what rules give.

    Args:

        rules: those of one program, in any order.
        facts: what happened.
        tally: what they gave so far; what they give now is added to it.
        multipliers: of members' tiers, by member; 1 for who is not in it.
    """
    names = facts.names()
    skipped: list[Skipped] = []
    candidates: list[Candidate] = []
    for rule in sorted(rules, key=lambda rule: rule.order):
        if rule.trigger not in facts.triggers:
            continue
        found = matched(rule, facts, names)
        if isinstance(found, Skipped):
            skipped.append(found)
        else:
            candidates.append(_candidate(rule, found, facts, multipliers or {}))
    kept, dropped = stacked(candidates)
    skipped += dropped
    awards: list[Award] = []
    for candidate in kept:
        if candidate.rule.effect is not Effect.MULTIPLY:
            _take(candidate, facts, tally, awards, skipped)
    for candidate in multiplied(kept, awards):
        _take(candidate, facts, tally, awards, skipped)
    return Outcome(awards, skipped)


def recipient(rule: Rule, facts: Facts) -> UUID:
    """Return who gets what a rule gives."""
    if rule.recipient is Recipient.REFERRER and facts.referrer_id is not None:
        return facts.referrer_id
    return facts.member_id


def _candidate(rule: Rule, parts: dict[str, Fraction], facts: Facts, multipliers: Mapping[UUID, Decimal]) -> Candidate:
    member_id = recipient(rule, facts)
    factor = multipliers.get(member_id, _ONE)
    steps = [_said(rule, parts)] if parts else []
    if rule.tiered and parts and factor != _ONE:
        parts = {key: part * Fraction(factor) for key, part in parts.items()}
        steps.append(f"The member's tier multiplies this by {factor}.")
    return Candidate(rule, member_id, parts, steps)


def _said(rule: Rule, parts: Mapping[str, Fraction]) -> str:
    total = sum(parts.values(), Fraction(0))
    of = f" for {len(parts)} lines" if len(parts) > 1 else ""
    if rule.effect is Effect.FIXED:
        return f"{rule.name} gives {total}{of}."
    return f"{rule.name} gives {rule.points} for each {rule.per_amount} minor units of {rule.money}: {total}{of}."


def _take(candidate: Candidate, facts: Facts, tally: Tally, awards: list[Award], skipped: list[Skipped]) -> None:
    rule, member_id, steps = candidate.rule, candidate.member_id, list(candidate.steps)
    points = amounts.rounded(candidate.exact, rule.rounding)
    if points <= 0:
        skipped.append(Skipped(rule, "NOTHING", "It comes to less than one point."))
        return
    if points != candidate.exact:
        steps.append(f"Rounded ({rule.rounding.name}) that is {points}.")
    may = allowed(rule, member_id, facts.local, facts.at, points, tally)
    if may.points <= 0:
        skipped.append(Skipped(rule, "LIMIT", f"It has given what it may: {may.why}."))
        return
    if may.points < points:
        steps.append(f"Only {may.points} of these, since {may.why}.")
    tally.add(rule, member_id, facts.local, may.points, facts.at)
    parts = candidate.parts
    if may.points < points:
        parts = {key: part * Fraction(may.points, points) for key, part in parts.items()}
    awards.append(Award(rule, member_id, may.points, parts, steps))
