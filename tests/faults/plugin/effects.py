"""Handlers and jobs whose effects can be counted afterwards; now and then they fail, before their effect or after it."""

from __future__ import annotations

import asyncio
import random

from crmcore import Actor, Crm, Event, Run, Updated, Work, job
from tests.faults.plugin.traces import traced

__all__ = ["follow", "linger", "note", "post"]

#: Of a hundred attempts, how many fail before, and how many after the effect.
_FAIL = 2

_EFFECT = """
    insert into faults_effect (handler, event_id, record_id, subject, told{column})
    values ($1, $2, $3, $4, 1{value})
    on conflict (handler, event_id) do update set told = faults_effect.told + 1
"""
_ORDER = {
    "sqlite": _EFFECT.format(column=", place", value=", (select coalesce(max(place), 0) + 1 from faults_effect)"),
    "postgresql": _EFFECT.format(column="", value=""),
}
_POSTING = "insert into faults_posting (name, note, worker) values ($1, $2, $3)"


async def note(crm: Crm, event: Event) -> None:
    """Take notice of any event, in any order."""
    await _effect(crm, "note", event)


async def follow(crm: Crm, event: Updated) -> None:
    """Take notice of what happens to a record, one event after the other."""
    await _effect(crm, "follow", event)


@job(at_once=1, per="account")
async def post(run: Run, note: str, account: str) -> None:
    """Write a transfer into the ledger, once; one at a time of each account."""
    with traced("post", str(run.id), account):
        _may_fail("post")

        async def unit(work: Work) -> None:
            await work.database.execute(_POSTING, "post", note, str(run.id))

        await run.finish(unit)


@job()
async def linger(run: Run, note: str, seconds: float) -> None:
    """Take longer than a lease lasts, and then have an effect once."""
    with traced("linger", str(run.id)):
        await asyncio.sleep(seconds)

        async def unit(work: Work) -> None:
            await work.database.execute(_POSTING, "linger", note, str(run.id))

        await run.finish(unit)


async def _effect(crm: Crm, handler: str, event: Event) -> None:
    with traced(handler, str(event.id)):
        _may_fail(handler)
        subject = str(event.after["version"]) if isinstance(event, Updated) else None

        async def unit(work: Work) -> None:
            values = handler, str(event.id), str(event.record_id), subject
            await work.database.execute(_ORDER[work.database.dialect], *values)

        await crm.run(Actor.system("fault test"), unit)
        _may_fail(handler)


def _may_fail(what: str) -> None:
    if random.randrange(100) < _FAIL:
        msg = f"{what} fails on purpose."
        raise RuntimeError(msg)
