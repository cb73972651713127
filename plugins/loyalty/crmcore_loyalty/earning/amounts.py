"""How many points a rule gives, exactly, and how parts of a point are rounded."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from fractions import Fraction

from crmcore_loyalty.earning.facts import Line, Purchase
from crmcore_loyalty.earning.rule import Rule
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleBase as Base
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleEffect as Effect
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleRounding as Rounding

__all__ = ["Parts", "for_line", "for_order", "rounded"]

#: Exact points by what they are for: `order` (all that is to be paid), `goods` (its lines), `line:<id>`; `` is no order.
#: Fractions, since three thirds of a point are one.
Parts = Mapping[str, Fraction]

_HALF = Fraction(1, 2)
_MODES: Mapping[Rounding, Callable[[Fraction], int]] = {
    Rounding.DOWN: math.floor,
    Rounding.UP: math.ceil,
    Rounding.HALF_UP: lambda exact: math.floor(exact + _HALF),
    Rounding.HALF_EVEN: round,
}


def rounded(exact: Fraction, rounding: Rounding) -> int:
    """Return whole points."""
    return _MODES[rounding](exact)


def for_order(rule: Rule, purchase: Purchase | None) -> Parts:
    """Return what a rule gives for an order as a whole, or for what is no order."""
    if rule.effect is Effect.FIXED:
        return {"order" if purchase is not None else "": Fraction(rule.points)}
    if purchase is None:
        return {}
    key = "order" if rule.base is Base.TOTAL else "goods"
    return {key: _per_amount(rule, purchase.amount(rule.base))}


def for_line(rule: Rule, line: Line) -> Parts:
    """Return what a rule gives for a line; a fixed number is for each piece."""
    if rule.effect is Effect.FIXED:
        return {f"line:{line.id}": Fraction(rule.points * line.quantity)}
    return {f"line:{line.id}": _per_amount(rule, line.total - line.tax if rule.base is Base.NET else line.total)}


def _per_amount(rule: Rule, amount: int) -> Fraction:
    return Fraction(rule.points * amount, rule.per_amount or 1)
