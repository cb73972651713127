"""Dates and numbers are read exactly as the mapping says they are written, and nothing else is."""

from __future__ import annotations

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from crmcore.interchange.imports.text import as_instant, parse_date, parse_number


@pytest.mark.parametrize(
    ("text", "pivot", "year"),
    [
        ("20-10-16", 69, 2016),
        ("20-10-68", 69, 2068),
        ("20-10-69", 69, 1969),
        ("20-10-16", 10, 1916),
        ("20-10-99", 100, 2099),
    ],
)
def test_two_digit_years_turn_at_the_pivot(text: str, pivot: int, year: int) -> None:
    """Years from the pivot on are of the 1900s, those below of the 2000s."""
    assert date(year, 10, 20) == parse_date(text, "%d-%m-%y", pivot)


def test_a_date_with_a_time_is_a_datetime() -> None:
    """A form that names hours gives a time as well."""
    assert datetime(2016, 10, 20, 14, 30) == parse_date("20.10.2016 14:30", "%d.%m.%Y %H:%M", 69)


def test_without_a_form_dates_are_iso_8601() -> None:
    """2026-01-31 and full timestamps with an offset are understood without being told."""
    assert date(2026, 1, 31) == parse_date("2026-01-31", None, 69)
    assert datetime(2026, 1, 31, 9, 30, tzinfo=UTC) == parse_date("2026-01-31T09:30:00Z", None, 69)


@pytest.mark.parametrize("text", ["31-02-17", "2017-02-01", "", "01-02-17 noon"])
def test_a_wrong_date_is_refused_with_the_form(text: str) -> None:
    """The message says which form was expected."""
    with pytest.raises(ValueError, match="%d-%m-%y"):
        parse_date(text, "%d-%m-%y", 69)


def test_a_date_begins_in_its_own_time_zone() -> None:
    """Midnight in New York is five in the morning UTC, in winter."""
    assert datetime(2017, 1, 2, 5, tzinfo=UTC) == as_instant(date(2017, 1, 2), "America/New_York")


@pytest.mark.parametrize(
    ("text", "decimal", "thousands", "value"),
    [
        ("1100.04", ".", None, "1100.04"),
        ("-5", ".", None, "-5"),
        ("1.234.567,89", ",", ".", "1234567.89"),
        ("1\u202f234,5", ",", " ", "1234.5"),
        ("1,234", ".", ",", "1234"),
    ],
)
def test_numbers_are_read_by_their_signs(text: str, decimal: str, thousands: str | None, value: str) -> None:
    """Decimal sign and thousands are those the mapping names; blanks of any width count as blanks."""
    assert Decimal(value) == parse_number(text, decimal, thousands)


@pytest.mark.parametrize("text", ["1,5", "1e5", "NaN", "٣", "--1", "1" * 41, "12 USD"])
def test_what_is_no_plain_number_is_refused(text: str) -> None:
    """Exponents, other digits, words and endless numbers are not guessed at."""
    with pytest.raises(ValueError, match="is not a number"):
        parse_number(text, ".", None)


def test_a_point_is_no_decimal_sign_where_a_comma_is() -> None:
    """12.5 with a decimal comma is refused instead of becoming 125."""
    with pytest.raises(ValueError, match="is not a number"):
        parse_number("12.5", ",", None)
