"""What the doctor finds of jobs, schedules, the change feed and webhooks."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from crmcore import clock
from crmcore.app import Crm
from crmcore.cli.health.background import examine_background
from crmcore.database import Database, ids
from crmcore.jobs import lease
from crmcore.jobs.due import begin
from crmcore.jobs.holds import Hold, Why, hold
from crmcore.jobs.moment import micros
from crmcore.jobs.states import State


async def put(crm: Crm, name: str, state: State) -> None:
    """A job that has been due for two hours."""
    sql = "insert into crm_job (id, name, state, priority, run_at, ordered) values ($1, $2, $3, 0, $4, $5)"
    await crm.database.execute(sql, ids.new(), name, state, micros(clock.now() - timedelta(hours=2)), False)


async def found(crm: Crm, check: str) -> list[str]:
    """Warnings of one kind."""
    return [f.message for f in await examine_background(crm) if f.check == check and f.state == "warning"]


async def test_a_crm_that_works_has_nothing_to_tell(crm: Crm) -> None:
    """Every check is fine."""
    assert {"fine"} == {finding.state for finding in await examine_background(crm)}


async def test_jobs_that_nobody_does_are_told_of(crm: Crm) -> None:
    """With the commands that would; not while somebody is at it."""
    await put(crm, "test.mail", State.READY)
    (told,) = await found(crm, "jobs")
    assert ("2 hours" in told, "crm worker" in told) == (True, True)
    await lease.take(crm.database, 30)
    assert [] == await found(crm, "jobs")


async def test_dead_and_unknown_jobs_are_told_of_by_name(crm: Crm) -> None:
    """Each with the way out; what is held back is told of as that."""
    for name, state in (
        ("test.mail", State.DEAD),
        ("test.mail", State.DEAD),
        ("gone.sweep", State.ASIDE),
        ("test.push", State.ASIDE),
        ("test.slow", State.ASIDE),
    ):
        await put(crm, name, state)
    now = clock.now()
    await hold(crm.database, Hold("test.push", Why.FAILING, now, now, 1, "ValueError: no luck"))
    await hold(crm.database, Hold("test.slow", Why.PAUSED, now, None, 0, "Ada: moving house"))
    dead, unknown, failing, paused = await found(crm, "jobs")
    assert ("2 × test.mail" in dead, "crm jobs retry" in dead) == (True, True)
    assert ("1 × gone.sweep" in unknown, "test." in unknown) == (True, False)
    assert ("test.push" in failing, "no luck" in failing) == (True, True)
    assert ("test.slow" in paused, "crm jobs resume" in paused) == (True, True)


async def test_a_schedule_that_is_overdue_is_told_of(crm: Crm) -> None:
    """Nobody puts its job."""
    await begin(crm.database, "test.nightly", "daily", clock.now() - timedelta(hours=1))
    (told,) = await found(crm, "schedules")
    assert "test.nightly" in told


async def test_a_transaction_that_holds_the_feed_back_is_told_of(crm: Crm) -> None:
    """On PostgreSQL, with where to find it; on SQLite there is none that could."""
    if crm.database.dialect == "sqlite":
        assert [] == await found(crm, "feed")
        return
    other = Database.from_url(crm.database.url)
    await other.open()
    try:
        async with other.transaction():
            await other.fetch("select pg_current_xact_id()")
            await crm.database.execute(_EVENT, *_event())
            (told,) = await found(crm, "feed")
    finally:
        await other.close()
    assert ("2 hours" in told, "pg_stat_activity" in told) == (True, True)


async def test_an_endpoint_that_is_not_told_any_more_is_told_of(crm: Crm) -> None:
    """With what the server wrote when it switched it off."""
    sql = (
        "insert into crm_webhook_endpoint (id, version, created_at, updated_at, created_by, updated_by, url, "
        "event_types, enabled, ordered, at_once, disabled_reason) values ($1, 1, $2, $2, $3, $3, $4, $5, $6, $6, 1, $7)"
    )
    url, why = "https://receiver.example/hook", "Nothing but failures for five days."
    await crm.database.execute(sql, ids.new(), clock.now(), "{}", url, "[]", False, why)
    (told,) = await found(crm, "webhooks")
    assert (url in told, why in told) == (True, True)


_EVENT = (
    "insert into crm_event (era, transaction_id, id, type, entity, record_id, at, actor) "
    "values ((select era from crm_feed_state), pg_current_xact_id()::text::bigint, $1, $2, $3, $1, $4, $5)"
)


def _event() -> tuple[Any, ...]:
    return ids.new(), "customer.created", "customer", clock.now() - timedelta(hours=2), "{}"
