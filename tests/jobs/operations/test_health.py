"""What is held back, by whom, and when it is tried again; two processes that share a table, which is in memory here."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest

from crmcore import clock
from crmcore.database import ids
from crmcore.jobs import aside, holds
from crmcore.jobs.claimed import Claimed
from crmcore.jobs.figures import Figures
from crmcore.jobs.health import Health
from crmcore.jobs.holds import Hold, Why
from crmcore.jobs.outcome import Ended, Outcome
from crmcore.metrics import exposition

NAME = "weeds.greet"


class Clock:
    """A clock that tests set."""

    def __init__(self) -> None:
        self.now = datetime(2026, 5, 1, 9, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def time() -> Iterator[Clock]:
    """The clock stands until it is moved."""
    moved = Clock()
    with clock.at(moved):
        yield moved


class Table:
    """What `crmcore.jobs.holds` and `crmcore.jobs.aside` do with the database, as `test_holds.py` has it."""

    def __init__(self) -> None:
        self.rows: dict[tuple[str, Why], Hold] = {}
        self.tried: list[str] = []

    async def holds(self, _: object) -> list[Hold]:
        """Read all."""
        return list(self.rows.values())

    async def hold(self, _: object, held: Hold) -> bool:
        """Write one, if there is none."""
        return self.rows.setdefault((held.name, held.why), held) is held

    async def extend(self, _: object, held: Hold, until: datetime) -> bool:
        """Change one, if it is as it was read."""
        if self.rows.get((held.name, held.why)) != held:
            return False
        self.rows[held.name, held.why] = replace(held, until=until, trials=held.trials + 1)
        return True

    async def close(self, _: object, name: str, why: Why) -> bool:
        """Remove one."""
        return self.rows.pop((name, why), None) is not None

    async def bring_back(self, _: object, names: Collection[str], most: int) -> int:
        """Note which."""
        self.tried += names
        return 0

    async def names_aside(self, _: object) -> frozenset[str]:
        """There are none."""
        return frozenset()


@pytest.fixture
def database(monkeypatch: pytest.MonkeyPatch) -> Table:
    """The table that all processes share."""
    table = Table()
    for name in ("holds", "hold", "extend", "close"):
        monkeypatch.setattr(holds, name, getattr(table, name))
    for name in ("bring_back", "names_aside"):
        monkeypatch.setattr(aside, name, getattr(table, name))
    return table


def ran(
    health: Health, failed: str | None = "OSError: no route", *, job: UUID | None = None, neutral: bool = False
) -> bool:
    """Tell of a run."""
    return health.ended(NAME, job or ids.new(), plugin="weeds", seconds=0.1, failed=failed, neutral=neutral)


def process(database: Table, failures: int = 3) -> Health:
    """What one process knows."""
    return Health(database, failures, 30.0, Figures(), [NAME])  # type: ignore[arg-type]


def opened(database: Table) -> Health:
    """A process whose breaker has just opened."""
    health = process(database)
    for _ in range(3):
        ran(health)
    return health


async def test_a_handler_that_fails_is_left_alone_by_all_processes(database: Table, time: Clock) -> None:
    """At once where it failed, and elsewhere with the next look; the reason is written down."""
    here, there = opened(database), process(database)
    assert frozenset({NAME}) == here.held
    await here.look()
    await there.look()
    assert frozenset({NAME}) == there.held
    [held] = there.failing
    assert (Why.FAILING, "OSError: no route", time.now) == (held.why, held.reason, held.since)


async def test_failures_count_until_it_opens_and_not_after(database: Table, time: Clock) -> None:
    """A job that runs while the breaker is open keeps its attempt."""
    health = process(database)
    assert [True, True, True, False, False] == [ran(health) for _ in range(5)]


async def test_what_asked_to_be_tried_again_has_not_failed(database: Table, time: Clock) -> None:
    """Retry, Dead and cancelled say nothing about the handler."""
    health = process(database)
    for _ in range(100):
        assert ran(health, None, neutral=True)
    assert frozenset() == health.held


async def test_nothing_opens_where_the_setting_is_zero(database: Table, time: Clock) -> None:
    """Then failures are counted and nothing else."""
    health = process(database, failures=0)
    assert all(ran(health) for _ in range(100))
    assert frozenset() == health.held


async def test_one_process_tries_one_job_when_the_rest_is_over(database: Table, time: Clock) -> None:
    """Not before; and once it was started, not another one."""
    here, there = opened(database), process(database)
    await here.look()
    time.pass_(29)
    await here.look()
    assert frozenset() == here.trials
    time.pass_(2)
    await there.look()
    await here.look()
    assert (frozenset({NAME}), frozenset()) == (there.trials, here.trials)
    assert NAME in there.held
    assert [True, False] == [there.willing(NAME), there.willing(NAME)]
    assert frozenset() == there.trials


async def test_a_trial_that_succeeds_closes_it_everywhere(database: Table, time: Clock) -> None:
    """And failures are counted from the beginning."""
    here, there = opened(database), process(database)
    await here.look()
    time.pass_(31)
    await there.look()
    assert there.willing(NAME)
    ran(there, None)
    assert frozenset() == there.held
    await there.look()
    await here.look()
    assert frozenset() == here.held == there.held
    assert [True, True] == [ran(here), ran(here)]
    assert frozenset() == here.held


async def test_a_trial_that_fails_makes_the_rest_longer(database: Table, time: Clock) -> None:
    """30 seconds, then a minute, then two."""
    health, waits = opened(database), []
    for _ in range(3):
        started = time.now
        while NAME not in health.trials:
            time.pass_(1)
            await health.look()
        waits.append(round((time.now - started).total_seconds()))
        assert health.willing(NAME)
        assert not ran(health)
    assert [30, 60, 120] == waits


async def test_a_trial_whose_process_dies_is_made_by_another(database: Table, time: Clock) -> None:
    """The right to try comes back when the longer rest is over."""
    here, there = opened(database), process(database)
    await here.look()
    time.pass_(31)
    await here.look()
    assert frozenset({NAME}) == here.trials
    time.pass_(61)
    await there.look()
    assert frozenset({NAME}) == there.trials


async def test_a_trial_that_came_to_nothing_is_made_again(database: Table, time: Clock) -> None:
    """The database was away, or the worker stopped: the job has not been tried."""
    health = opened(database)
    await health.look()
    time.pass_(31)
    await health.look()
    job = Claimed(ids.new(), NAME, None, 1, None, None, None, None, ids.new())
    for outcome in (Outcome.PUT_OFF, Outcome.BACK):
        assert health.willing(NAME)
        assert Ended(job, outcome) == health.judge("weeds", Ended(job, outcome), 0.1)
        await health.look()
    assert health.willing(NAME)
    assert Outcome.ASIDE is health.judge("weeds", Ended(job, Outcome.FAILED, "OSError: no", raised=True), 0.1).outcome
    assert not health.willing(NAME)


async def test_what_is_paused_is_not_tried(database: Table, time: Clock) -> None:
    """Until somebody lets it go on, and a success of a job under way changes nothing."""
    health = opened(database)
    await health.look()
    await database.hold(None, Hold(NAME, Why.PAUSED, time.now, None, 0, "ada"))
    time.pass_(31)
    await health.look()
    assert (frozenset(), frozenset({NAME})) == (health.trials, health.held)
    ran(health, None)
    assert frozenset({NAME}) == health.held
    await database.close(None, NAME, Why.PAUSED)
    await health.look()
    assert frozenset() == health.held


async def test_what_opens_while_the_database_answers_stays_open(database: Table, time: Clock) -> None:
    """A look does not forget what happened here during it."""
    health = process(database)
    read = database.holds

    async def slow(of: object) -> list[Hold]:
        rows = await read(of)
        for _ in range(3):
            ran(health)
        return rows

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(holds, "holds", slow)
        await health.look()
    assert frozenset({NAME}) == health.held
    await health.look()
    assert frozenset({NAME}) == health.held


async def test_figures_are_told_to_prometheus(database: Table, time: Clock) -> None:
    """Time and failures of each, and what is held back."""
    health = opened(database)
    ran(health, None, neutral=True)
    text = exposition(health.families())
    labels = 'kind="job",plugin="weeds",name="weeds.greet"'
    assert f"crm_handler_seconds_count{{{labels}}} 4" in text
    assert f"crm_handler_failures_total{{{labels}}} 3" in text
    assert 'crm_handler_held{name="weeds.greet",why="failing"} 1' in text
