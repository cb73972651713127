"""What `/metrics` says of jobs, the change feed and whatever else goes on behind the API."""

from __future__ import annotations

from datetime import timedelta

import httpx
import pytest

from crmcore import clock
from crmcore.app import Crm
from crmcore.database import ids
from crmcore.errors import Unavailable
from crmcore.events.cursor import START, Cursor
from crmcore.http.backlog import Backlog
from crmcore.http.probes import probes
from crmcore.jobs.moment import micros
from crmcore.jobs.states import State
from crmcore.metrics import exposition
from tests.http.conftest import client_of
from tests.http.test_metrics import read

_INSERT = "insert into crm_job (id, name, state, priority, run_at, ordered) values ($1, $2, $3, 0, $4, $5)"


async def told(crm: Crm) -> dict[str, float]:
    """What is told now."""
    return read(exposition(await Backlog(crm).families()))


async def test_jobs_are_counted_by_state_and_name(crm: Crm) -> None:
    """With how long the first has waited that could start."""
    since = micros(clock.now() - timedelta(seconds=70))
    for name, state in (("test.mail", State.READY), ("test.mail", State.DEAD), ("test.sweep", State.DONE)):
        await crm.database.execute(_INSERT, ids.new(), name, state, since, False)
    numbers = await told(crm)
    assert (1, 1, 0) == tuple(numbers[f'crm_jobs{{state="{state}"}}'] for state in ("ready", "dead", "running"))
    assert (1, 1) == (numbers['crm_jobs_due{job="test.mail"}'], numbers['crm_jobs_dead{job="test.mail"}'])
    assert 70 <= numbers['crm_job_oldest_due_seconds{job="test.mail"}'] < 80
    assert 0 == numbers["crm_job_workers"]


async def test_the_feed_and_its_readers_are_told_of(crm: Crm) -> None:
    """The hindmost counts; a CRM without webhooks has no reader that could be late."""
    later = clock.now() + timedelta(seconds=100)
    end = await crm.feed.end()

    async def first() -> Cursor:
        return START

    async def last() -> Cursor:
        return end

    with clock.at(lambda: later):
        crm.feed.holds[:] = [last]
        assert 0 == (await told(crm))["crm_feed_lag_seconds"]
        crm.feed.holds.append(first)
        numbers = await told(crm)
    assert 100 <= numbers["crm_feed_lag_seconds"] < 86_400  # the first event is as old as the template it came with
    assert numbers["crm_feed_events"] > 0
    assert 0 == numbers["crm_feed_unsettled_seconds"]


async def test_many_collectors_cost_as_much_as_one(crm: Crm) -> None:
    """What was found is shown again for some seconds."""
    backlog = Backlog(crm)
    first, before = await backlog.families(), crm.database.watch.statements
    assert first is await backlog.families()
    assert before == crm.database.watch.statements


async def test_the_other_metrics_do_not_wait_for_the_database(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """When it is away they are needed most."""

    async def away(_: object) -> None:
        raise Unavailable("The database is away.")

    monkeypatch.setattr("crmcore.http.backlog.standing", away)
    assert () == await Backlog(crm).families()


@pytest.mark.crm_settings(http={"metrics": "open"})
async def test_metrics_have_all_of_it(crm: Crm) -> None:
    """Webhooks and subscriptions of this process, and whether its background work goes on."""
    async with client_of(crm) as client:
        numbers = read((await client.get("/metrics")).text)
        assert {"crm_background_stalled", "crm_subscriptions"}.isdisjoint(numbers)
        _ = crm.audiences
        async with crm.background:
            numbers = read((await client.get("/metrics")).text)
    assert {"crm_subscriptions", "crm_feed_events", "crm_job_workers", "crm_webhook_attempt_seconds_count"} < set(
        numbers
    )
    assert 0 == numbers["crm_background_stalled"]


@pytest.mark.crm_settings(http={"metrics": "open"})
async def test_a_worker_answers_for_itself(crm: Crm) -> None:
    """Health and metrics, and nothing else."""
    transport = httpx.ASGITransport(probes(crm), raise_app_exceptions=False)  # type: ignore[arg-type]
    async with httpx.AsyncClient(transport=transport, base_url="http://worker.test") as client:
        answers = [await client.get(path) for path in ("/health", "/ready", "/metrics", "/graphql", "/sign-in")]
    assert [200, 200, 200, 404, 404] == [answer.status_code for answer in answers]
    assert "crm_job_workers" in read(answers[2].text)
