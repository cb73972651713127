"""The breach register: 72 hours from when it became known (art. 33 GDPR), and warnings while they run."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

from crmcore import Change, Event, Run, Schedule, Work, job

__all__ = ["WATCH", "ComplianceBreachDue", "prepare_breach", "watch_breaches"]

#: How long the authority may be left in the dark, and how long before its end it is said so.
_CLOCK, _SOON = timedelta(hours=72), timedelta(hours=24)
_OPEN = """
    select id, due_at, warned from compliance_breach
    where deleted_at is null and closed_at is null and authority_notified_at is null and due_at <= $1 order by due_at
"""
_WARNED = "update compliance_breach set warned = $2 where id = $1"


@dataclass(frozen=True, kw_only=True)
class ComplianceBreachDue(Event, of="compliance_breach", since="0.1.0"):
    """The authority has to be told of a breach within a day, or had to be; each is told once."""

    overdue: bool


async def prepare_breach(work: Work, change: Change) -> None:
    """Set the clock, and refuse what cannot be."""
    if change.kind not in ("create", "update"):
        return
    if change.changed("detected_at"):
        if change.get("detected_at") > work.now:
            change.refuse("detected_at", "IN_THE_FUTURE", "What has not been detected is no breach yet.")
            return
        change.values["due_at"] = change.get("detected_at") + _CLOCK
    told = change.get("authority_notified_at")
    if told is not None and told > change.get("due_at") and not change.get("delay_reason"):
        why = "The authority was told after more than 72 hours: article 33 (1) wants reasons for the delay."
        change.refuse("delay_reason", "REQUIRED", why)
    began, ended = change.get("began_at"), change.get("ended_at")
    if began is not None and ended is not None and ended < began:
        change.refuse("ended_at", "OUT_OF_RANGE", "It cannot end before it began.")


@job(at_once=1)
async def watch_breaches(run: Run) -> None:
    """Warn of breaches of which the authority has to know soon, or had to."""
    await run.work(_warn)


async def _warn(work: Work) -> None:
    for id, due, warned in await work.database.fetch(_OPEN, work.now + _SOON):
        say = "OVERDUE" if due <= work.now else "SOON"
        if say != warned:
            await work.database.execute(_WARNED, id, say)
            entity = work.entities["compliance_breach"]
            await work.emit(work.event(ComplianceBreachDue, entity, id, overdue=say == "OVERDUE"))


WATCH = Schedule(watch_breaches(), every=timedelta(minutes=15))
