"""Conditions are checked when they are saved, and cannot hold anybody up when they are asked."""

from __future__ import annotations

import time
from contextlib import suppress
from datetime import UTC, datetime

import pytest
from crmcore_loyalty.earning.conditions import NAMES, Unanswered, holds, wrong_with
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleTrigger as Trigger
from rules_of import bought

_NOW = datetime(2026, 3, 2, tzinfo=UTC)


@pytest.mark.parametrize(
    ("condition", "where"),
    [
        ("order.totl > 100", "1:6: undeclared reference to 'order.totl'"),
        ("order.total > 1 &&\n  nope(3)", "2:7: undeclared reference to 'nope'"),
        ("order.total > 'x'", "1:13: found no matching overload for '_>_'"),
        ("order.total >", "1:14: Syntax error"),
        ("order.total + 1", "1:1: It gives INT"),
        ("payload.stars > 3", "1:8: undeclared reference to 'payload.stars'"),
        ("order.skus.map(s, s + s).size() > 0", "1:12: map could take any time"),
        ("order.total > 0 &&\norder.channel.matches('(a|b)*')", "2:15: matches could take any time"),
    ],
)
def test_a_wrong_condition_is_told_with_its_place(condition: str, where: str) -> None:
    """Line and column, and what is wrong there."""
    assert where in (wrong_with(Trigger.ORDER, condition) or "")


def test_what_a_rule_is_about_decides_what_it_sees() -> None:
    """Lines for rules about lines, a payload for rules about activities."""
    lines, payload = "line.sku == 'TEA'", "has(payload.stars) && payload.stars >= 4"

    assert (None, None) == (wrong_with(Trigger.ORDER_LINE, lines), wrong_with(Trigger.ACTION, payload))
    assert None is not wrong_with(Trigger.ORDER, lines)
    assert None is not wrong_with(Trigger.BIRTHDAY, payload)


def test_every_name_has_a_value_of_its_type() -> None:
    """What a condition may ask of an order it is told."""
    seen = {**bought().names(), **bought().purchase.lines[0].names()}  # type: ignore[union-attr]
    missing = set(NAMES[Trigger.ORDER_LINE]) - set(seen)

    assert set() == missing
    for name in NAMES[Trigger.ORDER_LINE]:
        assert holds(Trigger.ORDER_LINE, f"{name} == {name}", seen)


def test_what_is_not_there_has_no_answer() -> None:
    """It is neither true nor false, and never an error that stops an order."""
    with pytest.raises(Unanswered, match="stars"):
        holds(Trigger.ACTION, "payload.stars > 3", {"payload": {}, "at": _NOW})


@pytest.mark.parametrize(
    "hostile",
    [
        "order.skus.all(a, order.skus.all(b, order.skus.all(c, a != '' && b != '' && c != '')))",
        "(" * 400 + "true" + ")" * 400,
        " || ".join(["order.total == 1"] * 50),
        "!" * 900 + "true",
    ],
)
def test_a_hostile_condition_ends_at_once(hostile: str) -> None:
    """A million turns of nested loops and deep nesting are cut off within a second, whatever comes out."""
    seen = {**bought().names(), "order.skus": [str(n) for n in range(100)]}
    began = time.perf_counter()
    if wrong_with(Trigger.ORDER, hostile) is None:
        with suppress(Unanswered):
            holds(Trigger.ORDER, hostile, seen)

    assert time.perf_counter() - began < 1


def test_the_turns_of_loops_are_counted() -> None:
    """Nested ones together: what takes too many has no answer."""
    seen = {**bought().names(), "order.skus": [str(n) for n in range(200)]}
    with pytest.raises(Unanswered, match="budget"):
        holds(Trigger.ORDER, "order.skus.all(a, order.skus.all(b, a != 'x' || b != 'x'))", seen)
