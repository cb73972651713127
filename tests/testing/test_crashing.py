"""A process that dies at a point of its work."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any, get_args

import pytest

from crmcore import Created, Work
from crmcore.entities import actions
from crmcore.testing import Crashed, TestCrm, crash_after
from crmcore.testing.crash import Point
from tests.testing.lessons import remind

CREATE = """
mutation { createCustomer(data: {kind: PERSON, givenName: "Ada"}) { __typename ... on Customer { id } } }
"""


async def counted(crm: TestCrm, table: str) -> int:
    """Return how many rows there are."""
    count: int = await crm.database.fetch_value(f"select count(*) from {table}")
    return count


@pytest.mark.parametrize("point", ["change", "events"])
async def test_what_was_not_committed_is_gone(crm: TestCrm, point: Any) -> None:
    """Rows, events and jobs, whichever of them had been written."""
    lesson = await crm.make("lesson", at=crm.clock.now() + timedelta(days=1))
    await crm.work_off()
    before = len(await crm.happened())
    with crash_after(point):
        await crm.make(
            "lesson", customer_id=lesson["customer_id"], about_id=lesson["customer_id"], about_type="customer"
        )

    assert (1, before, 1) == (await counted(crm, "lesson"), len(await crm.happened()), len(await crm.waiting()))


async def test_what_was_committed_stays(crm: TestCrm) -> None:
    """Nobody has heard of it, and it is there with its events and jobs."""
    answered = False
    with crash_after("commit"):
        await crm.execute(CREATE)
        answered = True

    assert (False, 1, ["customer"]) == (
        answered,
        await counted(crm, "customer"),
        [event.entity for event in await crm.happened(Created)],
    )


async def test_what_was_committed_with_others_stays(crm: TestCrm) -> None:
    """Of units of work that share their commit nobody hears, and all are there."""
    with crash_after("commit"):
        await asyncio.gather(crm.execute(CREATE), crm.execute(CREATE))
    assert 2 == await counted(crm, "customer")


async def test_a_job_that_was_claimed_is_done_by_another_process(crm: TestCrm) -> None:
    """It was not begun, and the lease of who had it is over."""
    lesson = await crm.make("lesson")
    await crm.work_off()
    await crm.put(remind(lesson["id"]))
    with crash_after("claim"):
        await crm.work_off()
    notes = await counted(crm, "lesson_note")
    (done,) = await crm.work_off()

    assert (1, 2, 2) == (notes, done.attempt, await counted(crm, "lesson_note"))


async def test_a_job_whose_end_was_not_written_is_done_again(crm: TestCrm) -> None:
    """That is what "at least once" means: this job does not keep itself from having its effect twice."""
    lesson = await crm.make("lesson", at=crm.clock.now() + timedelta(days=1))
    await crm.work_off()
    await crm.put(remind(lesson["id"]))
    with crash_after("effect"):
        await crm.work_off()
    await crm.work_off()

    assert 2 == await counted(crm, "lesson_note")


async def test_a_commit_inside_of_a_job_is_one(crm: TestCrm) -> None:
    """The process dies right after it, so the job is done again too."""
    lesson = await crm.make("lesson", at=crm.clock.now() + timedelta(days=1))
    await crm.work_off()
    await crm.put(remind(lesson["id"]))
    with crash_after("commit"):
        await crm.work_off()
    (done,) = await crm.work_off()

    assert ("lessons.remind", 2, 2) == (done.name, done.attempt, await counted(crm, "lesson_note"))


async def test_the_nth_time_counts(crm: TestCrm) -> None:
    """`nth=3`: two are committed before."""
    with crash_after("commit", nth=3):
        for _ in range(5):
            await crm.make("tag")

    assert 3 == await counted(crm, "tag")


async def test_a_dying_process_reaches_the_database_no_more(crm: TestCrm) -> None:
    """Neither what cleans up nor what goes on beside writes anything."""
    refused: list[BaseException] = []

    async def unit(work: Work) -> None:
        try:
            await actions.create(work, "tag", {"name": "one"})
        finally:
            try:
                await work.database.execute("delete from crm_role")
            except BaseException as error:
                refused.append(error)
                raise

    roles = await counted(crm, "crm_role")
    with crash_after("change"):
        await asyncio.gather(crm.run(await crm.actor(None), unit), return_exceptions=False)

    assert [Crashed] == [type(error) for error in refused]
    assert (roles, 0) == (await counted(crm, "crm_role"), await counted(crm, "tag"))


async def test_connections_are_dropped(crm: TestCrm) -> None:
    """Those after the crash are others: nothing of a session is left."""
    who = {"sqlite": "select count(*) from sqlite_temp_master", "postgresql": "select pg_backend_pid()"}
    sql = who[crm.database.dialect]
    async with crm.database.transaction():
        before = await crm.database.fetch_value(sql)
    if crm.database.dialect == "sqlite":
        await crm.database.execute("create temporary table mine (n int)")
        before = 1
    with crash_after("commit"):
        await crm.make("tag")
    async with crm.database.transaction():
        after = await crm.database.fetch_value(sql)

    assert before != after


@pytest.mark.parametrize("point", get_args(Point))
async def test_a_block_that_does_not_come_there_fails(crm: TestCrm, point: Any) -> None:
    """A test that believes in a crash that never was would prove nothing."""
    with pytest.raises(AssertionError, match=f"did not come to the point '{point}'"), crash_after(point):
        await crm.execute("{ customers { nodes { id } } }")


async def test_what_the_block_raises_itself_is_raised(crm: TestCrm) -> None:
    """An error that comes before the point is the test's."""
    with pytest.raises(ZeroDivisionError), crash_after("commit"):
        raise ZeroDivisionError


async def test_an_unknown_point_is_named_with_those_there_are() -> None:
    """A misspelt point is not waited for."""
    said = r"no point 'comit' .* there are change, events, commit, claim, effect"
    with pytest.raises(ValueError, match=said), crash_after("comit"):  # type: ignore[arg-type]
        pass
