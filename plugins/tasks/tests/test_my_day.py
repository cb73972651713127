"""When a day ends."""

from __future__ import annotations

from datetime import datetime

import pytest
from crmcore_tasks.my_day import end_of_day


@pytest.mark.parametrize(
    ("now", "timezone", "expected"),
    [
        ("2026-11-21T23:30:00Z", "UTC", "2026-11-22T00:00:00Z"),
        ("2026-11-21T23:30:00Z", "Asia/Shanghai", "2026-11-22T16:00:00Z"),
        ("2026-03-29T00:30:00Z", "Europe/Vienna", "2026-03-29T22:00:00Z"),
    ],
)
def test_a_day_ends_by_the_clock_on_the_wall(now: str, timezone: str, expected: str) -> None:
    """Midnight is where the person is, also on the day that daylight saving begins."""
    assert datetime.fromisoformat(expected) == end_of_day(datetime.fromisoformat(now), timezone)
