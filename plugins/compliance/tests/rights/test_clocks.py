"""How much time the law gives."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest
from crmcore_compliance.rights.clocks import due, extended


def at(text: str) -> datetime:
    """An instant of a day."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("regime", "received", "expected"),
    [
        ("GDPR", "2026-01-15", "2026-02-15"),
        ("GDPR", "2026-01-31", "2026-02-28"),
        ("GDPR", "2027-12-31", "2028-01-31"),
        ("CCPA", "2026-01-15", "2026-03-01"),
        ("PIPL", "2026-01-15", "2026-01-30"),
    ],
)
def test_the_law_says_until_when_to_answer(regime: str, received: str, expected: str) -> None:
    """GDPR counts a month by the calendar, CCPA and PIPL count days."""
    assert at(expected) == due(regime, at(received), {})


@pytest.mark.parametrize(
    ("regime", "received", "expected"),
    [("GDPR", "2026-01-31", "2026-04-30"), ("CCPA", "2026-01-15", "2026-04-15")],
)
def test_more_time_counts_from_when_it_was_received(regime: str, received: str, expected: str) -> None:
    """GDPR gives two months more, CCPA 45 days."""
    assert at(expected) == extended(regime, at(received))


def test_a_house_can_be_quicker_than_the_law_and_not_slower() -> None:
    """The setting request_days shortens."""
    assert at("2026-01-25") == due("GDPR", at("2026-01-15"), {"GDPR": 10})
    assert at("2026-02-15") == due("GDPR", at("2026-01-15"), {"GDPR": 90})
