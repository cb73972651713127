"""A schedule: a job with its arguments, and when it is due."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from typing import Any, Literal
from zoneinfo import ZoneInfo

from crmcore.jobs.job import Call, Job
from crmcore.jobs.timetable import Cron, Every, Timetable, check_cron

__all__ = ["Missed", "Schedule", "by_key"]

Missed = Literal["once", "skip"]

_SECOND = timedelta(seconds=1)


@dataclass(frozen=True)
class Schedule:
    """A job that is put whenever it is due, once for all processes together.

    Example:

        Schedule(remind(), cron="0 9 * * MON-FRI", zone="Europe/Berlin")
        Schedule(tidy(), every=timedelta(minutes=10), missed="skip")

    Runs may overlap if a job takes longer than the time between; `@job(at_once=1)` has them one after the other.

    Attributes:

        call: the job with its arguments.
        cron: five fields (minute, hour, day of month, month, day of week), as crontab(5) has them. At daylight saving
            changes: what falls into the hour that is skipped runs right after it, and what falls into the hour that comes
            twice runs the first time; what is due every hour or more often goes on by elapsed time.
        every: or the time between; it is counted from a moment that follows from the name, not from the start of a process.
        zone: IANA name of the time zone whose clocks cron means; None is the setting `time_zone`.
        missed: what becomes of what was due while nothing ran for a minute or longer: the last of it is made up for
            (`once`), or all is left out (`skip`).
        name: tells schedules of one job apart; the job's name if empty.
        plugin: who gives it; the host fills it in.

    Raises:

        ValueError: no time, or two; a cron expression, zone or interval that cannot be.
    """

    call: Call
    cron: str | None = None
    every: timedelta | None = None
    zone: str | None = None
    missed: Missed = "once"
    name: str = ""
    plugin: str = "core"

    def __post_init__(self) -> None:
        if (self.cron is None) == (self.every is None):
            msg = f"The schedule of {self._what} needs either cron= or every=; give one of them."
            raise ValueError(msg)
        if self.cron is not None:
            check_cron(self.cron)
        if self.every is not None and self.every < _SECOND:
            msg = f"The schedule of {self._what} is due every {self.every}; a second is the shortest."
            raise ValueError(msg)
        if self.missed not in ("once", "skip"):
            msg = f"The schedule of {self._what} has missed={self.missed!r}; write once or skip."
            raise ValueError(msg)
        if self.zone is not None:
            _ = self._zone

    @property
    def key(self) -> str:
        """`plugin.name`, under which the table of schedules knows it."""
        job = self.call.job
        return f"{self.plugin}.{self.name or job.called or job.function.__name__}"

    def timetable(self, zone: ZoneInfo) -> Timetable:
        """Return when it is due; by the clocks of `zone` if it names none itself."""
        if self.cron is not None:
            return Cron(self.cron, zone if self.zone is None else self._zone)
        assert self.every is not None
        return Every.of(self.every, self.key)

    def definition(self, zone: ZoneInfo) -> str:
        """Return a text that is another one when it is due at other times."""
        if self.cron is not None:
            return f"cron {' '.join(self.cron.split()).upper()} {self.zone or zone.key}"
        assert self.every is not None
        return f"every {self.every.total_seconds():.6f}"

    @cached_property
    def _zone(self) -> ZoneInfo:
        assert self.zone is not None
        try:
            return ZoneInfo(self.zone)
        except (KeyError, ValueError, OSError):
            msg = f"The schedule of {self._what} has the zone {self.zone!r}; give an IANA name, as in Europe/Berlin."
            raise ValueError(msg) from None

    @property
    def _what(self) -> str:
        return self.name or self.call.job.function.__qualname__


def by_key(schedules: Iterable[Schedule], jobs: Iterable[Job[Any]], problems: list[str]) -> dict[str, Schedule]:
    """Return schedules by key; two of one key, and those of jobs that nobody declares, are noted as problems."""
    found: dict[str, Schedule] = {}
    declared = {job.function for job in jobs}
    for schedule in schedules:
        who = f"Plugin {schedule.plugin!r}"
        if found.setdefault(schedule.key, schedule) is not schedule:
            problems.append(
                f"{who} has two schedules {schedule.key}; give one of them a name=, so that it is known which was due when."
            )
        if schedule.call.job.function not in declared:
            problems.append(
                f"{who} has a schedule {schedule.key} of a job it does not declare; give the job by crm_jobs too."
            )
    return found
