"""When points can be spent and when they expire, by a currency's policy: whole days in the program's time zone."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo

__all__ = ["account_expires_at", "active_at", "end_of_day", "expires_at", "months_later"]

_YEAR = 12


def expires_at(
    currency: Mapping[str, Any], timezone: str, earned_at: datetime, member: Mapping[str, Any]
) -> datetime | None:
    """Return the instant at which points expire that were earned at another, None if they do not.

    Args:

        currency: its row: `expiry`, `expiry_months`, `expiry_days`.
        timezone: the program's.
        earned_at: aware.
        member: the row of who earned them: `enrolled_at`.
    """
    kind = currency["expiry"]
    if kind in ("NEVER", "ACTIVITY"):
        return None
    enrolled_at = member["enrolled_at"] if kind == "ANNIVERSARY" else earned_at
    return _expires_at(kind, currency["expiry_months"], currency["expiry_days"], timezone, earned_at, enrolled_at)


@lru_cache(1024)  # Thousands are earned at the same instant.
def _expires_at(
    kind: str, months: int, days: int, timezone: str, earned_at: datetime, enrolled_at: datetime
) -> datetime:
    earned = earned_at.astimezone(_zone(timezone)).date()
    if kind == "ROLLING":
        last = months_later(earned, months)
    elif kind == "CALENDAR":
        last = date(earned.year + months // _YEAR, 12, 31)
    else:
        enrolled = enrolled_at.astimezone(_zone(timezone)).date()
        last = _anniversary(enrolled, earned, months // _YEAR)
    return end_of_day(last + timedelta(days=days), timezone)


def account_expires_at(currency: Mapping[str, Any], timezone: str, moved_at: datetime) -> datetime | None:
    """Return when all points of a member expire who last earned or redeemed at an instant; None unless that is the policy."""
    if currency["expiry"] != "ACTIVITY":
        return None
    moved = moved_at.astimezone(_zone(timezone)).date()
    return end_of_day(
        months_later(moved, currency["expiry_months"]) + timedelta(days=currency["expiry_days"]), timezone
    )


def active_at(currency: Mapping[str, Any], timezone: str, earned_at: datetime) -> datetime:
    """Return from when on points can be spent that were earned at an instant."""
    days = currency["pending_days"]
    if not days:
        return earned_at
    return end_of_day(earned_at.astimezone(_zone(timezone)).date() + timedelta(days=days), timezone)


@lru_cache(1024)
def end_of_day(day: date, timezone: str) -> datetime:
    """Return the first instant after a day, UTC; where the clock leaps over midnight, the first there is."""
    # zoneinfo reads a time that does not exist by the offset before the leap, which is the instant of the leap.
    return datetime.combine(day + timedelta(days=1), time.min, _zone(timezone)).astimezone(UTC)


def months_later(day: date, months: int) -> date:
    """Return the same day so many months on, or the last of a shorter month."""
    year, month = divmod(day.year * _YEAR + day.month - 1 + months, _YEAR)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _anniversary(enrolled: date, earned: date, years: int) -> date:
    """Return the next anniversary after a day, or the one so many years later."""
    after = months_later(enrolled, (earned.year - enrolled.year) * _YEAR)
    if after <= earned:
        after = months_later(enrolled, (earned.year - enrolled.year + 1) * _YEAR)
    if years:
        after = months_later(enrolled, (after.year - enrolled.year + years) * _YEAR)
    return after


@lru_cache(64)
def _zone(timezone: str) -> ZoneInfo:
    return ZoneInfo(timezone)
