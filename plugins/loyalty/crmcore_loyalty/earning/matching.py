"""Does a rule match what happened, and why not?"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from crmcore_loyalty.earning import amounts, conditions
from crmcore_loyalty.earning.award import Skipped
from crmcore_loyalty.earning.facts import Facts, Line
from crmcore_loyalty.earning.rule import Rule
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleEffect as Effect
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleRecipient as Recipient
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleTrigger as Trigger

__all__ = ["Matched", "matched"]

#: Exact points by what they are for, empty for a rule that multiplies; or why there are none.
Matched = dict[str, Fraction] | Skipped


def matched(rule: Rule, facts: Facts, names: Mapping[str, Any]) -> Matched:
    """Return what a rule gives by itself, before it is rounded and meets the others."""
    for code, message in _against(rule, facts):
        return Skipped(rule, code, message)
    try:
        if rule.trigger is Trigger.ORDER_LINE:
            return _lines(rule, facts, names)
        if not conditions.holds(rule.trigger, rule.condition, names):
            return Skipped(rule, "CONDITION", f"{rule.condition} does not hold.")
    except conditions.Unanswered as unanswered:
        return Skipped(rule, "CONDITION_FAILED", f"{rule.condition} has no answer: {unanswered}.")
    return {} if rule.effect is Effect.MULTIPLY else dict(amounts.for_order(rule, facts.purchase))


def _against(rule: Rule, facts: Facts) -> Iterator[tuple[str, str]]:
    campaign = rule.campaign
    if not _within(rule.valid_from, rule.valid_until, facts.at):
        yield "NOT_VALID", "It does not hold at that time."
    if campaign is not None and not (campaign.active and _within(campaign.valid_from, campaign.valid_until, facts.at)):
        yield "CAMPAIGN", f"The campaign {campaign.code} does not run at that time."
    if rule.hours and not any(hours.has(facts.local) for hours in rule.hours):
        yield "HOURS", f"{facts.local:%a %H:%M} lies outside its hours."
    if rule.trigger is Trigger.ACTION and rule.action != facts.action:
        yield "ACTION", f"It is about {rule.action}."
    if rule.money is not None and facts.purchase is not None and rule.money != facts.purchase.currency:
        yield "CURRENCY", f"It counts {rule.money}, and the order is in {facts.purchase.currency}."
    if rule.recipient is Recipient.REFERRER and facts.referrer_id is None:
        yield "NO_REFERRER", "Nobody brought this member."


def _lines(rule: Rule, facts: Facts, names: Mapping[str, Any]) -> Matched:
    lines: list[Line] = []
    for line in facts.purchase.lines if facts.purchase is not None else ():
        if conditions.holds(rule.trigger, rule.condition, {**names, **line.names()}):
            lines.append(line)
    if not lines:
        return Skipped(rule, "CONDITION", f"No line for which {rule.condition or 'it'} holds.")
    return {key: part for line in lines for key, part in amounts.for_line(rule, line).items()}


def _within(begin: datetime | None, end: datetime | None, at: datetime) -> bool:
    return (begin is None or begin <= at) and (end is None or at < end)
