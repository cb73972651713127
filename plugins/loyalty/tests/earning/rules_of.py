"""Rules, purchases and facts for tests of the engine, with as little said as can be."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crmcore_loyalty.earning.engine import evaluate
from crmcore_loyalty.earning.facts import Facts, Line, Purchase
from crmcore_loyalty.earning.limits import Tally
from crmcore_loyalty.earning.rule import Rule
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleEffect, LoyaltyRuleTrigger

PROGRAM, CURRENCY, ADA, BOB = (UUID(int=n) for n in (1, 2, 3, 4))
NOON = datetime(2026, 3, 2, 12, tzinfo=UTC)
SHANGHAI = ZoneInfo("Asia/Shanghai")


def rule(code: str = "R", **said: Any) -> Rule:
    """Return a published rule that gives 10 points for an order, but for what is said."""
    given: dict[str, Any] = {
        "id": UUID(int=hash(code) % 2**64),
        "program_id": PROGRAM,
        "currency_id": CURRENCY,
        "code": code,
        "revision": 1,
        "name": f"Rule {code}",
        "trigger": LoyaltyRuleTrigger.ORDER,
        "effect": LoyaltyRuleEffect.FIXED,
        "points": 10,
    }
    return Rule(**(given | said))


def per_euro(code: str = "EURO", points: int = 1, **said: Any) -> Rule:
    """Return a rule that gives points for each euro."""
    terms = {"effect": LoyaltyRuleEffect.PER_AMOUNT, "points": points, "per_amount": 100, "money": "EUR"}
    return rule(code, **(terms | said))


def factor(code: str, by: str, **said: Any) -> Rule:
    """Return a rule that multiplies."""
    from decimal import Decimal

    return rule(code, effect=LoyaltyRuleEffect.MULTIPLY, points=0, factor=Decimal(by), **said)


def order(*totals: int, **said: Any) -> Purchase:
    """Return an order of lines that cost so much."""
    lines = [Line(id=str(n), total=total, tax=0, sku=f"SKU{n}") for n, total in enumerate(totals, 1)]
    given: dict[str, Any] = {"currency": "EUR", "total": sum(totals), "lines": lines}
    return Purchase(**(given | said))


def bought(purchase: Purchase | None = None, **said: Any) -> Facts:
    """Return that Ada ordered for 25 euros."""
    given: dict[str, Any] = {
        "triggers": frozenset({LoyaltyRuleTrigger.ORDER, LoyaltyRuleTrigger.ORDER_LINE}),
        "at": NOON,
        "zone": SHANGHAI,
        "member_id": ADA,
        "purchase": purchase or order(2500),
    }
    return Facts(**(given | said))


def points(rules: Sequence[Rule], facts: Facts | None = None, tally: Tally | None = None) -> Mapping[str, int]:
    """Return what rules give, by code."""
    outcome = evaluate(rules, facts or bought(), tally or Tally())
    return {award.rule.code: award.points for award in outcome.awards}


def why_not(rules: Sequence[Rule], facts: Facts | None = None, tally: Tally | None = None) -> Mapping[str, str]:
    """Return why rules give nothing, by code."""
    outcome = evaluate(rules, facts or bought(), tally or Tally())
    return {one.rule.code: one.code for one in outcome.skipped}
