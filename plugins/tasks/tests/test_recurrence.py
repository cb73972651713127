"""When a repeating to-do is due next."""

from __future__ import annotations

from datetime import datetime

import pytest
from crmcore_tasks import recurrence


@pytest.mark.parametrize(
    ("rule", "due", "timezone", "expected"),
    [
        ("FREQ=DAILY", "2026-03-28T08:00:00Z", "Europe/Vienna", "2026-03-29T07:00:00Z"),
        ("FREQ=DAILY", "2026-10-24T07:00:00Z", "Europe/Vienna", "2026-10-25T08:00:00Z"),
        ("FREQ=WEEKLY;BYDAY=MO", "2026-11-20T01:00:00Z", "Asia/Shanghai", "2026-11-23T01:00:00Z"),
        ("FREQ=MONTHLY;BYMONTHDAY=31", "2026-01-31T12:00:00Z", "UTC", "2026-03-31T12:00:00Z"),
        ("FREQ=YEARLY", "2024-02-29T12:00:00Z", "UTC", "2028-02-29T12:00:00Z"),
        ("FREQ=DAILY;UNTIL=20260102T000000", "2026-01-01T12:00:00Z", "UTC", None),
    ],
)
def test_the_rule_counts_on_the_wall_clock(rule: str, due: str, timezone: str, expected: str | None) -> None:
    """Nine o'clock stays nine o'clock over daylight saving; months and years without the day are passed over."""
    following = recurrence.following(rule, datetime.fromisoformat(due), timezone)

    assert (datetime.fromisoformat(expected) if expected else None) == following


@pytest.mark.parametrize(
    "rule", ["", "DAILY", "FREQ=NEVER", "DTSTART:20260101T000000\nRRULE:FREQ=DAILY", "FREQ=DAILY;BYDAY=XX"]
)
def test_what_is_no_rule_is_refused(rule: str) -> None:
    """A rule that cannot be used is refused when it is written, not when the to-do is done."""
    with pytest.raises(ValueError, match=r"\S"):
        recurrence.check(rule)
