"""A handler that fails and fails is left alone: its jobs wait, none of them dies of it, and all are done in the end."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from crmcore import Crm, clock
from crmcore.jobs import holds
from crmcore.jobs.days import done_since
from crmcore.jobs.holds import Hold, Why
from crmcore.jobs.states import State
from tests.jobs.operations import weeds

BROKEN = pytest.mark.crm_settings(jobs={"breaker_failures": 3, "breaker_rest": 30.0})


@pytest.fixture
def now() -> Iterator[list[datetime]]:
    """The time, in a list of one that tests change."""
    moved = [datetime(2026, 5, 1, 9, tzinfo=UTC)]
    with clock.at(lambda: moved[0]):
        yield moved


async def states(crm: Crm) -> dict[str, int]:
    """Count the jobs by state."""
    rows = await crm.database.fetch("select state, count(*) from crm_job where name = 'weeds.pull' group by state")
    return {State(state).name: count for state, count in rows}


async def attempts(crm: Crm) -> list[int]:
    """Return how often each job was tried, in the order they were put."""
    rows = await crm.database.fetch("select attempts from crm_job where name = 'weeds.pull' order by position")
    return [count for (count,) in rows]


@BROKEN
async def test_jobs_of_a_broken_handler_wait_and_are_all_done_when_it_works(crm: Crm, now: list[datetime]) -> None:
    """Three failures in a row and the rest is not even tried; other jobs go on; then each is done once."""
    weeds.LUCK.extend([OSError("no route")] * 100)
    for row in range(10):
        await crm.put(weeds.pull(row=row))
    await crm.jobs.run_due()
    assert (frozenset({"weeds.pull"}), {"LATER": 3, "ASIDE": 7}) == (crm.health.held, await states(crm))
    assert [1, 1, 1, 0, 0, 0, 0, 0, 0, 0] == await attempts(crm)
    await crm.put(weeds.water(text="roses"))
    await crm.jobs.run_due()
    assert ["roses"] == weeds.DONE
    for _ in range(6):
        now[0] += timedelta(minutes=5)
        await crm.jobs.run_due()
    assert max(await attempts(crm)) == 1, "nobody loses an attempt to a handler that works for nobody"
    weeds.LUCK.clear()
    for _ in range(3):
        now[0] += timedelta(minutes=20)
        await crm.jobs.run_due()
    assert list(range(10)) == sorted(row for row in weeds.DONE if isinstance(row, int))
    assert ({"DONE": 10}, frozenset(), []) == (
        await states(crm),
        crm.health.held,
        list(await holds.holds(crm.database)),
    )


@pytest.mark.crm_settings(jobs={"breaker_failures": 0})
async def test_without_a_breaker_they_die(crm: Crm, now: list[datetime]) -> None:
    """What the breaker is for."""
    weeds.LUCK.extend([OSError("no route")] * 100)
    for row in range(4):
        await crm.put(weeds.pull(row=row))
    for _ in range(4):
        now[0] += timedelta(minutes=5)
        await crm.jobs.run_due()
    assert {"DEAD": 4} == await states(crm)


@BROKEN
async def test_what_says_nothing_about_the_others_opens_nothing(crm: Crm, now: list[datetime]) -> None:
    """One job that cannot succeed dies alone; and Retry is how a job says that all is as it should be."""
    weeds.LUCK.extend([ValueError("a stone")] * 4)
    await crm.put(weeds.pull(row=1))
    for _ in range(4):
        now[0] += timedelta(minutes=5)
        await crm.jobs.run_due()
    assert ({"DEAD": 1}, frozenset()) == (await states(crm), crm.health.held)
    weeds.LUCK.extend([weeds.RETRY] * 20)
    for row in range(10):
        await crm.put(weeds.pull(row=row))
    await crm.jobs.run_due()
    assert frozenset() == crm.health.held


async def test_what_is_paused_waits(crm: Crm, now: list[datetime]) -> None:
    """Whoever runs it, without an attempt; and is done when it is let go on."""
    await holds.hold(crm.database, Hold("weeds.pull", Why.PAUSED, now[0], None, 0, "ada"))
    await crm.put(weeds.pull(row=1))
    await crm.jobs.run_due()
    assert ({"ASIDE": 1}, [0], []) == (await states(crm), await attempts(crm), weeds.DONE)
    await holds.close(crm.database, "weeds.pull", Why.PAUSED)
    await crm.jobs.run_due()
    assert [1] == weeds.DONE


async def test_jobs_of_a_plugin_that_comes_back_are_done(crm: Crm) -> None:
    """While it was gone they were put aside; those of a plugin that is still gone stay so."""
    await crm.put(weeds.pull(row=1))
    await crm.database.execute("update crm_job set name = 'gone.pull'")
    await crm.jobs.run_due()
    await crm.put(weeds.pull(row=2))
    await crm.database.execute("update crm_job set state = $1", State.ASIDE.value)
    await crm.jobs.run_due()
    assert [2] == weeds.DONE
    assert "ASIDE" == State(await crm.database.fetch_value("select state from crm_job where name = 'gone.pull'")).name


async def test_figures_of_all_processes_are_added_up_by_day(crm: Crm, now: list[datetime]) -> None:
    """Each is written once; what could not be written is written later."""
    crm.health.figures.of("job", "weeds", "weeds.pull").told(crm.health.figures.of("job", "weeds", "weeds.pull").news())
    for failing in (True, False):
        weeds.LUCK.extend([ValueError("a stone")] if failing else [])
        await crm.put(weeds.pull(row=1))
        await crm.jobs.run_due()
        with pytest.MonkeyPatch.context() as patched:
            patched.setattr("crmcore.jobs.days.add", _broken)
            with pytest.raises(OSError, match="no room"):
                await crm.health.write_down()
        await crm.health.write_down()
        await crm.health.write_down()
    [found] = [one for one in await done_since(crm.database, now[0].date()) if one.name == "weeds.pull"]
    assert ("weeds", "job", 2, 1, "ValueError: a stone") == (
        found.plugin, found.kind, found.runs, found.failures, found.error,
    )  # fmt: skip
    assert 0 < found.slowest <= found.seconds
    [here] = [one for one in crm.health.figures if one.name == "weeds.pull"]
    assert ("ValueError: a stone", now[0]) == (here.error, here.failed_at)
    assert [] == await done_since(crm.database, now[0].date() + timedelta(days=1))


async def _broken(*_: object) -> None:
    msg = "no room"
    raise OSError(msg)
