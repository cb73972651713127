"""Months of a program's time zone."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, datetime
from zoneinfo import ZoneInfo

from crmcore_loyalty.tiers.days import add_months, local_day, midnight

__all__ = ["Month", "last_month", "month_of"]

_FORM = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")


@dataclass(frozen=True, slots=True)
class Month:
    """A month, from its first instant to the first of the next."""

    key: str
    begins: datetime
    ends: datetime


def month_of(key: str, zone: ZoneInfo) -> Month:
    """Return a month by its key.

    Raises:

        ValueError: the key is not of the form 2027-03.
    """
    found = _FORM.fullmatch(key)
    if not found:
        msg = f"{key} is no month; write for example 2027-03."
        raise ValueError(msg)
    first = date(int(found[1]), int(found[2]), 1)
    return Month(key, midnight(first, zone), midnight(add_months(first, 1), zone))


def last_month(now: datetime, zone: ZoneInfo) -> Month:
    """Return the month before the one that an instant lies in."""
    first = add_months(local_day(now, zone).replace(day=1), -1)
    return month_of(f"{first:%Y-%m}", zone)
