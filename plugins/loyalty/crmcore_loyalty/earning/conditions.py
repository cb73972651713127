"""Conditions of rules, in CEL: checked against what a rule can see when it is saved, and never slow when it is asked."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache, lru_cache
from typing import Any

from cel_expr_python import cel  # type: ignore[import-untyped]

from crmcore_loyalty.tables.rule_terms import LoyaltyRuleTrigger as Trigger

__all__ = ["NAMES", "Unanswered", "holds", "wrong_with"]

_INT, _TEXT, _FLAG, _INSTANT = cel.Type.INT, cel.Type.STRING, cel.Type.BOOL, cel.Type.TIMESTAMP
_TEXTS, _ANY = cel.Type.List(_TEXT), cel.Type.Map(_TEXT, cel.Type.DYN)

_COMMON = {
    "at": _INSTANT,
    "local.month": _INT,
    "local.day": _INT,
    "local.weekday": _INT,
    "local.hour": _INT,
    "member.days": _INT,
    "member.referred": _FLAG,
    "member.tiers": _TEXTS,
}
_ORDER = {
    "order.total": _INT,
    "order.goods": _INT,
    "order.net": _INT,
    "order.discount": _INT,
    "order.shipping": _INT,
    "order.currency": _TEXT,
    "order.channel": _TEXT,
    "order.quantity": _INT,
    "order.skus": _TEXTS,
    "order.categories": _TEXTS,
    "order.first": _FLAG,
}
_LINE = {
    "line.sku": _TEXT,
    "line.categories": _TEXTS,
    "line.quantity": _INT,
    "line.total": _INT,
    "line.net": _INT,
    "line.discount": _INT,
}
_ACTIVITY = {"activity.action": _TEXT, "payload": _ANY}

#: What the condition of a rule can see, by what the rule is about.
NAMES: Mapping[Trigger, Mapping[str, Any]] = {
    Trigger.ORDER: _COMMON | _ORDER,
    Trigger.ORDER_LINE: _COMMON | _ORDER | _LINE,
    Trigger.REFERRAL: _COMMON | _ORDER,
    Trigger.VISIT: _COMMON | _ACTIVITY,
    Trigger.ACTION: _COMMON | _ACTIVITY,
    Trigger.SIGN_UP: _COMMON,
    Trigger.BIRTHDAY: _COMMON,
    Trigger.HOLIDAY: _COMMON,
}

#: Iterations and depth are limited by the library. What is not: a value that doubles with each `map`, and a pattern made and
#: compiled anew in each iteration (measured: 59 s for 70 characters, see docs/decisions/0033-rules.md).
_UNBOUNDED = re.compile(r"\b(map|matches)\b")
_PLACE = re.compile(r"<input>:(\d+):(\d+): (.*)")


class Unanswered(Exception):
    """A condition has no answer for these facts, as where it asks for what is not there."""


def wrong_with(trigger: Trigger, condition: str) -> str | None:
    """Say what is wrong with a condition, with line and column; None if nothing is."""
    if (found := _UNBOUNDED.search(condition)) is not None:
        line = condition.count("\n", 0, found.start()) + 1
        column = found.start() - condition.rfind("\n", 0, found.start())
        return (
            f"{line}:{column}: {found[1]} could take any time; use exists, all, filter, contains, startsWith, endsWith."
        )
    try:
        program = _program(trigger, condition)
    except Exception as error:
        places = [f"{line}:{column}: {text}" for line, column, text in _PLACE.findall(str(error))]
        return "; ".join(places) or str(error).splitlines()[0]
    if program.return_type() not in (cel.Type.BOOL, cel.Type.DYN):
        return f"1:1: It gives {program.return_type().name()}; a condition is true or false."
    return None


def holds(trigger: Trigger, condition: str | None, facts: Mapping[str, Any]) -> bool:
    """Say whether a condition holds.

    Raises:

        Unanswered: it asks for what is not there, divides by zero, or the like.
    """
    if condition is None:
        return True
    try:
        answer = _program(trigger, condition).eval(data=dict(facts))
    except RuntimeError as error:
        raise Unanswered(str(error)) from None
    value = answer.plain_value()
    if not isinstance(value, bool):
        raise Unanswered(str(value))
    return value


@cache
def _environment(trigger: Trigger) -> cel.Env:
    return cel.NewEnv(variables=dict(NAMES[trigger]))


@lru_cache(maxsize=1000)
def _program(trigger: Trigger, condition: str) -> cel.Expression:
    return _environment(trigger).compile(condition)
