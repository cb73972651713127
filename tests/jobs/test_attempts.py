"""Attempts: what a failure means, and what is had exactly once."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest

from crmcore import Crm
from crmcore.jobs.attempt import pause
from crmcore.jobs.routines import Routines
from tests.jobs import shop
from tests.jobs.conftest import Clock

State = Callable[[UUID], Awaitable[str | None]]


async def error_of(crm: Crm, id: UUID) -> str:
    """Return why a job failed."""
    return str(await crm.database.fetch_value("select error from crm_job where id = $1", id))


async def test_a_failing_job_is_tried_again_with_growing_pauses_and_is_dead_in_the_end(
    crm: Crm, time: Clock, state: State
) -> None:
    """Twice as long each time, give or take a quarter; then the reason stays with it."""
    id = await crm.put(shop.fail())

    await crm.jobs.run_due()
    assert "waiting" == await state(id)
    for seconds, attempts in ((0.7, [1]), (0.6, [1, 2]), (1.4, [1, 2]), (1.2, [1, 2, 3])):
        time.forward(seconds)
        await crm.jobs.run_due()
        assert attempts == shop.TOLD
    assert "dead" == await state(id)
    assert "ValueError: no luck" == (await error_of(crm, id)).splitlines()[-1]


def test_pauses_double_up_to_an_hour() -> None:
    """1 s, 2 s, 4 s ... 3600 s, each a quarter more or less, so that many that failed at once do not come back at once."""
    for attempts, seconds in ((1, 1), (2, 2), (5, 16), (12, 2048), (13, 3600), (400, 3600)):
        found = {pause(attempts) for _ in range(20)}
        assert seconds * 0.75 <= min(found) < max(found) <= seconds * 1.25


async def test_a_job_may_ask_for_another_attempt(crm: Crm, time: Clock, state: State) -> None:
    """`Retry` says when."""
    id = await crm.put(shop.later(seconds=600))

    await crm.jobs.run_due()
    assert ("waiting", "not yet") == (await state(id), await error_of(crm, id))
    time.forward(599)
    await crm.jobs.run_due()
    assert [1] == shop.TOLD
    time.forward(2)
    await crm.jobs.run_due()
    assert [1, 2] == shop.TOLD
    assert "done" == await state(id)


async def test_a_job_may_give_up(crm: Crm, state: State) -> None:
    """`Dead` ends it at the first attempt."""
    id = await crm.put(shop.give_up())

    assert 1 == await crm.jobs.run_due()
    assert ("dead", "nobody lives there") == (await state(id), await error_of(crm, id))


async def test_a_job_that_takes_too_long_is_ended(crm: Crm, state: State) -> None:
    """It is cancelled, and that is a failure."""
    id = await crm.put(shop.dawdle())

    await crm.jobs.run_due()
    assert "dead" == await state(id)
    assert "It took longer than 0.02 s and was ended" in await error_of(crm, id)


async def test_finish_ends_the_job_with_its_effect(crm: Crm, state: State) -> None:
    """What happens to the process afterwards does not have the job done again."""
    id = await crm.put(shop.register(name="Ana"))

    await crm.jobs.run_due()
    assert "done" == await state(id)
    assert 1 == await crm.database.fetch_value("select count(*) from customer where display_name = 'Ana'")


async def test_finish_keeps_nothing_of_an_attempt_that_was_taken_for_dead(
    crm: Crm, state: State, caplog: pytest.LogCaptureFixture
) -> None:
    """The worker that has the job by now has the effect; this one's is rolled back, and nothing is written of its end."""
    id = await crm.put(shop.register(name="Ana"))
    original = crm.routines["shop.register"].call
    stolen: list[UUID] = []

    async def steal(run: object) -> None:
        stolen.append(id)
        sql = "update crm_job set worker = $2 where id = $1"
        await crm.database.execute(sql, id, UUID(int=1))
        await original(run)  # type: ignore[arg-type]

    _replace(crm.routines, "shop.register", steal)
    await crm.jobs.run_due()
    _replace(crm.routines, "shop.register", original)
    assert [id] == stolen
    assert "running" == await state(id)
    assert 0 == await crm.database.fetch_value("select count(*) from customer where display_name = 'Ana'")
    assert "is not this worker's any more" in caplog.text


async def test_a_job_that_ends_its_process_each_time_is_dead(crm: Crm, state: State) -> None:
    """What was begun counts as an attempt, whether or not anybody could write how it ended."""
    id = await crm.put(shop.fail())
    await crm.database.execute("update crm_job set attempts = 3 where id = $1", id)

    await crm.jobs.run_due()
    assert [] == shop.TOLD
    assert "dead" == await state(id)
    assert "begun 3 times, and each time its process ended" in await error_of(crm, id)


async def test_jobs_whose_plugin_is_gone_wait(crm: Crm, state: State) -> None:
    """They never die by themselves, and cost nothing until somebody knows them again."""
    id = await crm.put(shop.note("x"))
    await crm.database.execute("update crm_job set name = 'gone.note' where id = $1", id)

    assert 1 == await crm.jobs.run_due()
    assert 0 == await crm.jobs.run_due()
    assert ("waiting", 0) == (
        await state(id),
        await crm.database.fetch_value("select attempts from crm_job where id = $1", id),
    )
    await crm.database.execute("update crm_job set name = 'shop.note' where id = $1", id)
    await crm.jobs.run_due()
    assert ["x"] == shop.TOLD


async def test_a_handler_that_fails_harms_no_other(
    crm: Crm, time: Clock, customer: Callable[[str], Awaitable[UUID]]
) -> None:
    """Each event is told until it is heard."""
    shop.DEAF.add("Ana")
    ana, ben = await customer("Ana"), await customer("Ben")

    await crm.jobs.run_due()
    assert [ben] == shop.TOLD
    shop.DEAF.clear()
    time.forward(5)
    await crm.jobs.run_due()
    assert [ben, ana] == shop.TOLD


def _replace(routines: Routines, name: str, call: object) -> None:
    from dataclasses import replace

    routines._routines[name] = replace(routines[name], call=call)  # type: ignore[arg-type]
