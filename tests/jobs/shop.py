"""A plugin whose jobs and after-handlers note what they did, in memory."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from contextvars import ContextVar
from typing import Any
from uuid import UUID

from crmcore import After, Crm, Inside, Job, Run, Work, actions, after, hookimpl, job
from crmcore.customers.events import CustomerCreated, CustomerUpdated
from crmcore.jobs.outcome import Dead, Retry

plugin_name = "shop"

#: What was done, in order.
TOLD: list[Any] = []
#: Names of customers of whom handlers do not want to hear.
DEAF: set[str] = set()
#: What a request might keep.
REQUEST: ContextVar[str] = ContextVar("request", default="nobody's")
#: Lets `hang` go on.
GO = asyncio.Event()


@job()
async def note(run: Run, text: str = "hello") -> None:
    """Note a text."""
    TOLD.append(text)


@job(retries=2)
async def fail(run: Run) -> None:
    """Fail each time."""
    TOLD.append(run.attempt)
    msg = "no luck"
    raise ValueError(msg)


@job()
async def later(run: Run, seconds: float) -> None:
    """Ask for another attempt, once."""
    TOLD.append(run.attempt)
    if run.attempt == 1:
        raise Retry(seconds, "not yet")


@job()
async def give_up(run: Run) -> None:
    """Be dead at once."""
    msg = "nobody lives there"
    raise Dead(msg)


@job(timeout=0.02, retries=0)
async def dawdle(run: Run) -> None:
    """Take longer than it may."""
    await asyncio.sleep(30)


@job()
async def hang(run: Run) -> None:
    """Run until it is let go on."""
    TOLD.append("in")
    try:
        await GO.wait()
    finally:
        TOLD.append("out")


@job(retries=3)
async def register(run: Run, name: str) -> None:
    """Make a customer and be done, in one transaction; the process then fails."""

    async def unit(work: Work) -> None:
        await actions.create(work, "customer", {"kind": "PERSON", "display_name": name})

    await run.finish(unit)
    msg = "after the end"
    raise RuntimeError(msg)


@job(at_once=2, per="shop")
async def visit(run: Run, shop: str, day: int) -> None:
    """Visit a shop, two visits at a time."""
    TOLD.append((shop, day))


@job(ordered=True, per="shop", retries=1)
async def deliver(run: Run, shop: str, day: int, fails: bool = False) -> None:
    """Deliver to a shop, in order."""
    TOLD.append((shop, day))
    if fails:
        msg = "closed"
        raise ValueError(msg)


@job(rate="10/s")
async def ring(run: Run) -> None:
    """Ring, ten times a second at most."""
    TOLD.append("ring")


@job()
async def look(run: Run) -> None:
    """Note what it sees of a context variable."""
    TOLD.append(REQUEST.get())


@job()
async def tell(run: Run, customer_id: UUID) -> None:
    """Note by whom and for which request it was put."""
    await run.progress(0.5, "halfway")
    TOLD.append((customer_id, run.actor.id, run.request_id))


async def greet(crm: Crm, event: CustomerCreated) -> None:
    """Note that a customer was made."""
    if event.after["display_name"] in DEAF:
        msg = "deaf"
        raise ValueError(msg)
    TOLD.append(event.record_id)


async def follow(crm: Crm, event: CustomerUpdated) -> None:
    """Note a customer's name, in order."""
    if event.after["display_name"] in DEAF:
        msg = "deaf"
        raise ValueError(msg)
    TOLD.append(event.after["display_name"])


@hookimpl
def crm_jobs() -> Iterable[Job[Any]]:
    """Give the jobs."""
    return [note, fail, later, give_up, dawdle, hang, register, visit, deliver, ring, tell, look]


@hookimpl
def crm_handlers() -> Iterable[Inside | After]:
    """Give the handlers."""
    return [after(CustomerCreated, greet), after(CustomerUpdated, follow, ordered=True, retries=2)]
