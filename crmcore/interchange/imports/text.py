"""From the text of a cell to the text, date or number it means; nothing here knows entities or a database."""

from __future__ import annotations

import re
from datetime import date, datetime, time
from decimal import Decimal
from functools import lru_cache
from zoneinfo import ZoneInfo

__all__ = ["as_instant", "parse_date", "parse_number"]

_PLAIN = re.compile(r"[+-]?(\d+(\.\d*)?|\.\d+)")
_LONGEST_NUMBER = 40
#: Blanks that stand between thousands: no-break, narrow no-break, thin.
_BLANKS = str.maketrans(dict.fromkeys("\u00a0\u202f\u2009", " "))


@lru_cache(maxsize=4096)
def parse_date(text: str, form: str | None, pivot: int) -> date | datetime:
    """Read a date, or a date with a time.

    Args:

        text: what the cell holds.
        form: in the codes of strptime; None for ISO 8601.
        pivot: two-digit years from here on are of the 1900s, those below of the 2000s.

    Returns:

        a `date` if the text says no time, else a `datetime`, naive if it says no zone.

    Raises:

        ValueError: the text is no such date; the message says which form was expected.
    """
    if form is None:
        return _iso(text)
    try:
        value = datetime.strptime(text, form)  # noqa: DTZ007 (the mapping's zone is added by `as_instant`)
    except ValueError:
        msg = f"{text[:40]!r} is not a date written as {form}"
        raise ValueError(msg) from None
    if "%y" in form:
        short = value.year % 100
        value = value.replace(year=(1900 if short >= pivot else 2000) + short)
    return value if any(code in form for code in ("%H", "%I", "%M", "%S", "%X", "%c", "%T")) else value.date()


def _iso(text: str) -> date | datetime:
    try:
        return date.fromisoformat(text) if len(text) <= 10 else datetime.fromisoformat(text)
    except ValueError:
        msg = f"{text[:40]!r} is not an ISO 8601 date such as 2026-01-31; say with date= how dates are written"
        raise ValueError(msg) from None


def as_instant(value: date | datetime, zone: str | None) -> datetime:
    """Give a date or time that says no zone the mapping's zone; a date is its first moment there."""
    if not isinstance(value, datetime):
        return datetime.combine(value, time(), ZoneInfo(zone or "UTC"))
    return value if value.tzinfo is not None else value.replace(tzinfo=ZoneInfo(zone or "UTC"))


@lru_cache(maxsize=4096)
def parse_number(text: str, decimal: str, thousands: str | None) -> Decimal:
    """Read a number exactly.

    Args:

        text: what the cell holds.
        decimal: the decimal sign, `.` or `,`.
        thousands: the sign between thousands; None if there is none.

    Raises:

        ValueError: the text is no such number.
    """
    plain = text.translate(_BLANKS).strip()
    if thousands is not None:
        plain = plain.replace(thousands, "")
    if decimal != ".":
        plain = plain.replace(".", "x").replace(decimal, ".")
    if len(plain) > _LONGEST_NUMBER or not (plain.isascii() and _PLAIN.fullmatch(plain)):
        shown = f"with {decimal!r} as decimal sign" + (f" and {thousands!r} between thousands" if thousands else "")
        msg = f"{text[:40]!r} is not a number {shown}"
        raise ValueError(msg)
    return Decimal(plain)
