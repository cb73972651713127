"""When something is due: by a cron expression in a time zone, or every so often."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from typing import Protocol
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

__all__ = ["Cron", "Every", "Timetable", "check_cron", "latest"]

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_MINUTE = timedelta(minutes=1)
_EXAMPLE = 'as in "0 9 * * MON-FRI" (minute, hour, day of month, month, day of week)'


class Timetable(Protocol):
    """A set of instants, the same for every process that asks and whenever it asks."""

    def after(self, instant: datetime) -> datetime | None:
        """Return the first due instant after another one, aware UTC; None if there is none within 50 years."""
        ...


@dataclass(frozen=True, slots=True)
class Cron:
    """Due when the clocks of a time zone show what a cron expression says.

    At daylight saving changes it does as Debian's cron: what names its hours runs once, at the first instant after the gap
    where its hour is skipped and at the first of the two where its hour comes twice; what runs every hour or more often
    goes on by elapsed time.

    Attributes:

        expression: five fields; checked by `check_cron`.
        zone: whose clocks.
    """

    expression: str
    zone: ZoneInfo

    def after(self, instant: datetime) -> datetime | None:
        """See `Timetable`."""
        for local in CronSim(self.expression, instant.astimezone(self.zone)):
            # In the second of two equal hours cronsim begins with the first one's instants.
            if (due := local.astimezone(UTC)) > instant:
                return due
        return None


@dataclass(frozen=True, slots=True)
class Every:
    """Due again and again after the same time.

    Attributes:

        step: the time between.
        offset: from 1970-01-01T00:00:00Z to the first instant that counts.
    """

    step: timedelta
    offset: timedelta

    @classmethod
    def of(cls, step: timedelta, name: str) -> Every:
        """Make a timetable whose offset follows from a name, so that not everything hourly is due at the same moment."""
        digest = int.from_bytes(blake2b(name.encode(), digest_size=8).digest(), "big")
        seconds = max(int(step.total_seconds()), 1)
        return cls(step, timedelta(seconds=digest % seconds))

    def after(self, instant: datetime) -> datetime | None:
        """See `Timetable`."""
        begun = (instant - _EPOCH - self.offset) // self.step
        return _EPOCH + self.offset + (begun + 1) * self.step


def check_cron(expression: str) -> None:
    """Demand a cron expression of five fields that is due some day.

    Raises:

        ValueError: it is none, with what is wrong.
    """
    fields = expression.split()
    if len(fields) != 5:
        msg = (
            f"{expression!r} has {len(fields)} fields; a cron expression has five, {_EXAMPLE}. Use every= for seconds."
        )
        raise ValueError(msg)
    try:
        due = Cron(expression, ZoneInfo("UTC")).after(_EPOCH)
    except CronSimError as problem:
        msg = f"{expression!r} is no cron expression: {str(problem).lower()}; write it {_EXAMPLE}."
        raise ValueError(msg) from None
    if due is None:
        msg = f"{expression!r} is never due; there is no such day in 50 years."
        raise ValueError(msg)


def latest(timetable: Timetable, first: datetime, until: datetime) -> datetime:
    """Return the last due instant up to `until`.

    It looks back twice as far each time, so that a month without a worker does not cost all the minutes of the month.

    Args:

        timetable: which instants are due.
        first: a due instant, not after `until`.
        until: when to stop.
    """
    found, back = first, _MINUTE
    while until - back > first:
        due = timetable.after(until - back)
        if due is not None and due <= until:
            found = due
            break
        back *= 2
    while (due := timetable.after(found)) is not None and due <= until:
        found = due
    return found
