"""When a repeating to-do is due next, by the clock on its owner's wall."""

from __future__ import annotations

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

__all__ = ["check", "following"]


def check(rule: str) -> None:
    """Say whether a rule can be used.

    Raises:

        ValueError: it is no recurrence rule, or brings a start of its own.
    """
    if "DTSTART" in rule.upper() or "\n" in rule:
        msg = "give the rule alone, without DTSTART; dueAt is the start."
        raise ValueError(msg)
    from dateutil.rrule import rrulestr  # loaded when the first rule is used, not at every start

    try:
        rrulestr(rule, dtstart=datetime(2026, 1, 1))  # noqa: DTZ001  a rule counts on the wall clock
    except (ValueError, KeyError, TypeError) as problem:
        msg = f"{rule[:80]!r} is not an RFC 5545 recurrence rule ({problem}); write for example FREQ=WEEKLY;BYDAY=MO."
        raise ValueError(msg) from None


def following(rule: str, due: datetime, timezone: str) -> datetime | None:
    """Return the first due instant after `due`, None when the rule has ended.

    The rule counts on the wall clock of `timezone`, so nine o'clock stays nine o'clock over a change of daylight saving.
    A wall-clock time that the change skips or repeats is read as `zoneinfo` does with fold 0 (PEP 495).

    Args:

        rule: RFC 5545 recurrence rule without DTSTART.
        due: the present due instant, aware UTC.
        timezone: IANA name.
    """
    from dateutil.rrule import rrulestr

    zone = ZoneInfo(timezone)
    wall = due.astimezone(zone).replace(tzinfo=None)
    found = rrulestr(rule, dtstart=wall).after(wall)
    return found.replace(tzinfo=zone).astimezone(UTC) if found is not None else None
