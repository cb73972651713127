"""When points can be spent and when they expire: whole days in the program's zone, over year ends, leap days and changes of the clock."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

import pytest
from crmcore_loyalty.ledger import policy

VIENNA, ENROLLED = "Europe/Vienna", datetime(2024, 2, 29, 10, tzinfo=UTC)


def currency(expiry: str, months: int = 0, days: int = 0, pending: int = 0) -> dict[str, Any]:
    """Return what a policy reads of a currency."""
    return {"expiry": expiry, "expiry_months": months, "expiry_days": days, "pending_days": pending}


@pytest.mark.parametrize(
    ("expiry", "months", "days", "earned", "expected"),
    [
        ("ROLLING", 12, 0, "2027-03-01T12:00", "2028-03-01T23:00"),
        ("ROLLING", 0, 1, "2027-03-27T12:00", "2027-03-28T22:00"),
        ("ROLLING", 1, 0, "2027-01-31T12:00", "2027-02-28T23:00"),
        ("ROLLING", 0, 0, "2027-03-01T23:30", "2027-03-02T23:00"),
        ("CALENDAR", 0, 0, "2027-12-31T22:59", "2027-12-31T23:00"),
        ("CALENDAR", 0, 0, "2027-12-31T23:00", "2028-12-31T23:00"),
        ("CALENDAR", 12, 0, "2027-05-01T12:00", "2028-12-31T23:00"),
        ("CALENDAR", 0, 90, "2027-05-01T12:00", "2028-03-30T22:00"),
        ("ANNIVERSARY", 0, 0, "2027-02-27T12:00", "2027-02-28T23:00"),
        ("ANNIVERSARY", 0, 0, "2027-02-28T12:00", "2028-02-29T23:00"),
        ("ANNIVERSARY", 12, 0, "2027-01-01T12:00", "2028-02-29T23:00"),
    ],
)
def test_points_expire_at_the_end_of_a_day(expiry: str, months: int, days: int, earned: str, expected: str) -> None:
    """The instant is the first of the day after, there where the program is."""
    at = datetime.fromisoformat(earned).replace(tzinfo=UTC)
    found = policy.expires_at(currency(expiry, months, days), VIENNA, at, {"enrolled_at": ENROLLED})

    assert datetime.fromisoformat(expected).replace(tzinfo=UTC) == found


@pytest.mark.parametrize("expiry", ["NEVER", "ACTIVITY"])
def test_other_points_have_no_end_of_their_own(expiry: str) -> None:
    """By activity it is the account that has one."""
    rule = currency(expiry, 12)

    assert None is policy.expires_at(rule, VIENNA, ENROLLED, {"enrolled_at": ENROLLED})
    assert (expiry == "ACTIVITY") == (policy.account_expires_at(rule, VIENNA, ENROLLED) is not None)


def test_what_waits_waits_for_whole_days() -> None:
    """None is at once."""
    at = datetime(2027, 3, 26, 12, tzinfo=UTC)

    assert (at, datetime(2027, 3, 28, 22, tzinfo=UTC)) == (
        policy.active_at(currency("NEVER"), VIENNA, at),
        policy.active_at(currency("NEVER", pending=2), VIENNA, at),
    )


def test_where_the_clock_leaps_over_midnight_the_day_ends_with_the_leap() -> None:
    """In Cairo, 28 April 2023 began at one o'clock."""
    assert datetime(2023, 4, 27, 22, tzinfo=UTC) == policy.end_of_day(date(2023, 4, 27), "Africa/Cairo")
