"""Amounts that are shared: nothing is lost, nobody is further than one minor unit from their share."""

from __future__ import annotations

from decimal import Decimal

import pytest
from crmcore_orders.sharing import percent, shared
from crmcore_orders.sums import LineSum, line_total, order_sum, order_total
from hypothesis import given, settings
from hypothesis import strategies as st

AMOUNTS = st.integers(0, 10**13)
WEIGHTS = st.lists(st.integers(0, 10**13), min_size=1, max_size=40)
RATES = st.sampled_from([None, *map(Decimal, ("0", "5", "5.5", "7.7", "10", "19", "20", "33.333", "100"))])
LINES = st.lists(
    st.builds(LineSum, st.integers(1, 50), st.integers(0, 10**6), tax_percent=RATES), min_size=1, max_size=12
)


@given(AMOUNTS, WEIGHTS)
@settings(max_examples=150, deadline=None)
def test_parts_add_up_to_the_amount(amount: int, weights: list[int]) -> None:
    """To the minor unit, whatever the weights."""
    assert amount == sum(shared(amount, weights))


@given(AMOUNTS, WEIGHTS)
@settings(max_examples=150, deadline=None)
def test_each_part_is_its_exact_share_rounded_up_or_down(amount: int, weights: list[int]) -> None:
    """Nobody is further than one minor unit from what is theirs; who has no weight gets nothing."""
    weights = weights if sum(weights) else [1] * len(weights)
    for part, weight in zip(shared(amount, weights), weights, strict=True):
        assert -1 < part - Decimal(amount) * weight / sum(weights) < 1
        assert part == 0 or weight > 0


def test_the_largest_remainders_get_what_is_left() -> None:
    """100 by 1:1:1 is 34, 33, 33; 10 by 3:3:1 is 4, 4, 2, since 10 / 7 leaves most."""
    assert [34, 33, 33] == shared(100, [1, 1, 1])
    assert [4, 4, 2] == shared(10, [3, 3, 1])
    assert [5, 5] == shared(10, [0, 0])


def test_nobody_shares_nothing() -> None:
    """Without parts only nothing can be shared."""
    assert [] == shared(0, [])
    with pytest.raises(ValueError, match="nothing to share"):
        shared(1, [])


@pytest.mark.parametrize(
    ("rate", "amount", "included", "expected"),
    [("20", 999, False, 200), ("0.5", 100, False, 1), ("20", 1200, True, 200), ("10", 105, False, 11)],
)
def test_halves_of_a_percentage_are_rounded_up(rate: str, amount: int, included: bool, expected: int) -> None:
    """As invoices do; a price that contains the tax contains rate / (100 + rate) of it."""
    assert expected == percent(Decimal(rate), amount, included=included)


@given(
    LINES,
    st.booleans(),
    st.sampled_from([None, Decimal(3), Decimal("12.5"), Decimal(100)]),
    st.none() | st.integers(0, 10**6),
    st.integers(0, 10**5),
    st.integers(0, 1000),
)
@settings(max_examples=200, deadline=None)
def test_lines_and_shipping_are_the_order(
    lines: list[LineSum], included: bool, rate: Decimal | None, tax: int | None, shipping: int, thousandths: int
) -> None:
    """Whatever prices, discounts and taxes: the lines' totals and the shipping are the order's total, and no line is negative."""
    off = sum(line.gross for line in lines) * thousandths // 1000 if rate is None else 0
    order = order_sum(lines, tax_included=included, discount=off, discount_percent=rate, tax=tax, shipping=shipping)
    totals = []
    for line in order.lines:
        row = {"quantity": line.quantity, "unit_price": line.unit_price, "discount": line.discount, "tax": line.tax}
        totals.append(line_total(row, tax_included=included))
    amounts = {"subtotal": order.subtotal, "discount": order.discount, "tax": order.tax, "shipping": shipping}

    assert order.total == sum(totals) + shipping
    assert order.total == order_total({**amounts, "tax_included": included})
    assert min(totals) >= 0


def test_a_rate_is_taken_once_of_all_it_applies_to() -> None:
    """Three pieces at 0.33 with 20 %: 0.20 of tax, where rounding line by line would give 0.21."""
    order = order_sum([LineSum(1, 33, tax_percent=Decimal(20))] * 3, tax_included=False)

    assert (20, [7, 7, 6]) == (order.tax, [line.tax for line in order.lines])
