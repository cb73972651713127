"""A plugin that does things at certain times, and whose handlers fail, dawdle or veto as tests say."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from crmcore import After, Crm, Inside, Work, actions, after, hookimpl, inside
from crmcore.customers.events import CustomerCreated
from crmcore.errors import Conflict
from crmcore.jobs.job import Job, job
from crmcore.jobs.outcome import Retry
from crmcore.jobs.run import Run
from crmcore.jobs.schedule import Schedule

plugin_name = "weeds"

#: What was done, in order.
DONE: list[Any] = []
#: What runs of `pull` and `tell` do, one after the other: an exception to raise, or None. When it is empty, all goes well.
LUCK: list[Exception | None] = []


def _luck() -> None:
    if LUCK and (problem := LUCK.pop(0)) is not None:
        raise problem


@job(retries=3)
async def pull(run: Run, row: int = 0) -> None:
    """Pull some weeds."""
    _luck()
    DONE.append(row)


@job()
async def mow(run: Run, row: int = 0) -> None:
    """Mow, at certain times."""
    DONE.append(("mown", row))


@job(at_once=1)
async def water(run: Run, text: str = "") -> None:
    """Water the garden, saying how far it is."""
    await run.progress(0.25, "the roses")
    DONE.append(text)


async def tell(crm: Crm, event: CustomerCreated) -> None:
    """Tell somebody."""
    _luck()
    DONE.append(event.id)


async def veto(work: Work, event: CustomerCreated) -> None:
    """Refuse customers called Nettle; a bug for those called Bug."""
    name = event.after["display_name"]
    if name == "Nettle":
        msg = "No nettles here."
        raise Conflict(msg)
    if name == "Bug":
        msg = "a bug"
        raise ValueError(msg)


async def tag(work: Work, event: CustomerCreated) -> None:
    """Cause something else that has handlers: a second customer for those called Twin."""
    if event.after["display_name"] == "Twin":
        await actions.create(work, "customer", {"kind": "PERSON", "display_name": "Sibling"})


@hookimpl
def crm_jobs() -> Iterable[Job[Any] | Schedule]:
    """Jobs and when they are due."""
    return [
        pull,
        mow,
        water,
        Schedule(mow(row=1), cron="0 9 * * MON-FRI", zone="Europe/Berlin"),
        Schedule(mow(row=2), every=timedelta(minutes=5), missed="skip", name="often"),
    ]


@hookimpl
def crm_handlers() -> Iterable[Inside | After]:
    """Handlers of new customers."""
    return [inside(CustomerCreated, veto), inside(CustomerCreated, tag), after(CustomerCreated, tell)]


RETRY = Retry(after=60.0)
