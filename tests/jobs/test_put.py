"""Putting jobs: what commits puts, what does not puts nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextvars import Context
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from crmcore import Actor, Crm, Run, Work, clock, ids, job
from crmcore.errors import Invalid
from tests.jobs import shop
from tests.jobs.conftest import Clock


async def test_a_job_is_done_once(crm: Crm) -> None:
    """It is done with its arguments, and not again."""
    await crm.put(shop.note("one"))

    assert [1, 0] == [await crm.jobs.run_due(), await crm.jobs.run_due()]
    assert ["one"] == shop.TOLD


def refuse() -> None:
    """Refuse."""
    msg = "no"
    raise Invalid(msg)


async def test_what_is_rolled_back_puts_nothing(crm: Crm) -> None:
    """Neither a refused unit of work nor an undone savepoint leaves a job."""

    async def unit(work: Work) -> None:
        try:
            async with work.savepoint():
                await work.put(shop.note("undone"))
                refuse()
        except Invalid:
            await work.put(shop.note("kept"))

    async def refused(work: Work) -> None:
        await work.put(shop.note("refused"))
        refuse()

    await crm.run(Actor.system(), unit)
    with pytest.raises(Invalid):
        await crm.run(Actor.system(), refused)
    await crm.jobs.run_due()
    assert ["kept"] == shop.TOLD


async def test_a_job_waits_for_its_time(crm: Crm, time: Clock) -> None:
    """`at` and `delay` say when it may be done at the earliest."""
    await crm.put(shop.note("third"), at=clock.now() + timedelta(hours=2))
    await crm.put(shop.note("second"), delay=60)
    await crm.put(shop.note("first"), at=clock.now() - timedelta(days=1))

    await crm.jobs.run_due()
    assert ["first"] == shop.TOLD
    time.forward(61)
    await crm.jobs.run_due()
    assert ["first", "second"] == shop.TOLD
    time.forward(7200)
    await crm.jobs.run_due()
    assert ["first", "second", "third"] == shop.TOLD


async def test_the_greatest_priority_is_first(crm: Crm) -> None:
    """Among equals the one that was put first; jobs of lanes have their place among the others."""
    for text, priority in (("low", -1), ("normal", 0), ("also normal", None), ("high", 5)):
        await crm.put(shop.note(text), priority=priority)
    await crm.put(shop.visit("A", 1), priority=9)
    await crm.put(shop.visit("B", 1), priority=-9)

    await crm.jobs.run_due()
    assert [("A", 1), "high", "normal", "also normal", "low", ("B", 1)] == shop.TOLD


async def test_a_key_is_held_by_one_open_job(crm: Crm) -> None:
    """While a job with the key waits, putting another gives its id; once it has ended the key is free."""

    async def twice(work: Work) -> tuple[UUID, UUID]:
        return await work.put(shop.note("a"), key="k"), await work.put(shop.note("b"), key="k")

    first, second = await crm.run(Actor.system(), twice)
    assert first == second == await crm.put(shop.note("c"), key="k")
    await crm.jobs.run_due()
    assert first != await crm.put(shop.note("d"), key="k")
    await crm.jobs.run_due()
    assert ["a", "d"] == shop.TOLD


async def test_a_key_that_two_put_at_once_is_held_by_one(crm: Crm) -> None:
    """Who comes second finds the first one's job, and never has the id of a job that was not written."""
    if crm.database.dialect == "sqlite":
        pytest.skip("SQLite has one writer at a time.")
    quick: list[UUID] = []

    async def slow(work: Work) -> UUID:
        id = await work.put(shop.note("slow"), key="k")
        if not quick:  # another unit commits between this one's look and its write
            quick.append(await asyncio.create_task(crm.put(shop.note("quick"), key="k"), context=Context()))
        return id

    assert [await crm.run(Actor.system(), slow)] == quick


async def test_a_job_knows_who_put_it(crm: Crm) -> None:
    """It acts as a job, under the request that put it, and says how far it is."""
    customer_id = ids.new()
    id = await crm.run(Actor.system("shop"), lambda work: work.put(shop.tell(customer_id=customer_id)), request_id="r1")

    await crm.jobs.run_due()
    assert [(customer_id, ids.encode("job", id), "r1")] == shop.TOLD
    row = (await crm.database.fetch("select actor, progress from crm_job where id = $1", id))[0]
    assert ('{"type":"SYSTEM","id":null,"label":"shop"}', '{"share": 0.5, "text": "halfway"}') == row


@pytest.mark.parametrize(
    ("call", "says"),
    [
        (lambda: shop.note(7), "Expected `str`, got `int` - at `$.text`"),
        (lambda: shop.note("a", "b"), "too many positional arguments"),
        (lambda: shop.visit(shop="A"), "missing a required argument: 'day'"),
    ],
)
def test_arguments_are_checked_when_the_call_is_made(call: Callable[[], Any], says: str) -> None:
    """Not when a worker finds them hours later."""
    with pytest.raises(TypeError, match=says.replace("$", r"\$")):
        call()


async def test_a_job_that_nobody_declares_is_refused(crm: Crm) -> None:
    """No worker would know what to do."""

    @job()
    async def stray(run: Run) -> None:
        """Belong to nobody."""

    with pytest.raises(LookupError, match="stray is declared by no loaded plugin"):
        await crm.put(stray())


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"rate": "fast"}, "'fast' is no rate; write for example 5/s"),
        ({"per": "text"}, "has lanes .* and no limit in them"),
        ({"per": "colour", "at_once": 1}, "makes lanes of colour, which it has no parameter for; it has text"),
        ({"at_once": 0}, "has limits that cannot be"),
    ],
)
def test_limits_that_cannot_be_are_refused(options: dict[str, Any], says: str) -> None:
    """When the module is imported."""
    with pytest.raises(ValueError, match=says):
        job(**options)(shop.note.function)


async def test_an_after_handler_is_told_once_the_transaction_is_committed(
    crm: Crm, customer: Callable[[str], Awaitable[UUID]]
) -> None:
    """By a job that leaves no trace when it has succeeded."""
    id = await customer("Ana")

    assert [] == shop.TOLD
    await crm.jobs.run_due()
    assert [id] == shop.TOLD
    assert 0 == await crm.database.fetch_value("select count(*) from crm_job")
