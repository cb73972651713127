"""Money."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crmcore.database.money import CURRENCIES, Money, digits

minor_units = st.integers(min_value=-(2**63) + 1, max_value=2**63 - 1)


@given(minor_units, st.sampled_from(sorted(CURRENCIES)))
def test_an_amount_survives_the_way_out_and_in(minor: int, currency: str) -> None:
    """Whatever the currency's digits, text and minor units say the same."""
    money = Money(minor, currency)

    assert money == Money.of(money.amount, currency)


@pytest.mark.parametrize(
    ("minor", "currency", "text"),
    [(123450, "EUR", "1234.50"), (1234, "JPY", "1234"), (-5, "USD", "-0.05"), (1, "KWD", "0.001"), (0, "CNY", "0.00")],
)
def test_amounts_show_the_digits_of_their_currency(minor: int, currency: str, text: str) -> None:
    """Euro cents have two digits, yen none, fils three."""
    assert text == Money(minor, currency).amount


@pytest.mark.parametrize("amount", ["1.234", "nan", "inf", "1e400", "x", "", "9" * 30, "1e-5"])
def test_what_is_no_amount_is_refused(amount: str) -> None:
    """Too many digits, too large, or no number at all: refused, never rounded."""
    with pytest.raises(ValueError, match=r"\S"):
        Money.of(amount, "EUR")


def test_an_unknown_currency_is_refused() -> None:
    """A code that ISO 4217 does not list is not money."""
    with pytest.raises(ValueError, match="ISO 4217"):
        Money.of("1", "ZZZ")


def test_most_currencies_have_two_digits() -> None:
    """The table lists the exceptions only."""
    assert [0, 2, 3, 4] == sorted({digits(c) for c in CURRENCIES})
