"""What metrics, doctor and health are told of jobs."""

from __future__ import annotations

from datetime import timedelta

import pytest

from crmcore import clock
from crmcore.app import Crm
from crmcore.database import ids
from crmcore.jobs import lease
from crmcore.jobs.moment import micros
from crmcore.jobs.standing import standing
from crmcore.jobs.states import State

_INSERT = "insert into crm_job (id, name, state, priority, run_at, lane, ordered) values ($1, $2, $3, 0, $4, $5, $6)"


@pytest.fixture(autouse=True)
async def _no_jobs(crm: Crm) -> None:
    """What the start of a new CRM has put for handlers is out of the way."""
    await crm.database.execute("delete from crm_job")


async def put(crm: Crm, name: str, state: State, ago: float = 0.0, lane: str | None = None) -> None:
    """A row that has been due for so many seconds."""
    run_at = micros(clock.now() - timedelta(seconds=ago))
    await crm.database.execute(_INSERT, ids.new(), name, state, run_at, lane, False)


async def test_an_idle_crm_has_nothing_due(crm: Crm) -> None:
    """No job, and no process that would do one."""
    now = await standing(crm.database)
    assert (0, {}, 0.0, 0) == (sum(now.states.values()), now.due, now.waits, now.workers)


async def test_jobs_are_counted_by_state(crm: Crm) -> None:
    """Those that succeeded or were cancelled are history; a lane makes no difference."""
    for state in State:
        await put(crm, "test.any", state, ago=-60, lane="lane" if state is State.PARKED else None)
    await put(crm, "test.any", State.READY, lane="lane")
    now = await standing(crm.database)
    assert now.states == {
        State.LATER: 1,
        State.READY: 2,
        State.PARKED: 1,
        State.ASIDE: 1,
        State.RUNNING: 1,
        State.DEAD: 1,
    }
    assert ({"test.any": 1}, {"test.any": 1}) == (now.aside, now.dead)


async def test_what_could_start_now_is_due(crm: Crm) -> None:
    """By name, with how long the first of them has waited; a job whose time has come counts before anybody noticed."""
    await put(crm, "test.mail", State.READY, ago=5)
    await put(crm, "test.mail", State.READY, ago=90, lane="lane")
    await put(crm, "test.sweep", State.LATER, ago=10)
    await put(crm, "test.sweep", State.LATER, ago=-10)
    now = await standing(crm.database)
    assert {"test.mail": 2, "test.sweep": 1} == {name: due.count for name, due in now.due.items()}
    assert 90 <= now.due["test.mail"].seconds == now.waits < 100
    assert 10 <= now.due["test.sweep"].seconds < 20


async def test_a_worker_counts_as_long_as_its_lease(crm: Crm) -> None:
    """One that died without a word is not taken for one that works."""
    await lease.take(crm.database, 30)
    await lease.take(crm.database, -1)
    assert 1 == (await standing(crm.database)).workers
