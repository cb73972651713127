"""`crm jobs`: what an operator sees of jobs and does with them."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from uuid import UUID

import pytest

from crmcore import Crm, Settings, ids
from crmcore.database import Database
from crmcore.jobs.sweep import sweep
from tests.cli.conftest import Line, done

SWEEP = "jobs.sweep"


@pytest.fixture
def put(crm_model: Crm, url: str) -> Callable[[], str]:
    """Puts a job that any CRM has, and returns its id as people have it."""

    async def putting() -> UUID:
        async with crm_model.like(Settings(database=url)) as crm:
            return await crm.put(sweep())

    return lambda: ids.encode("job", asyncio.run(putting()))


def execute(url: str, sql: str) -> None:
    """Do something to the table of jobs that takes days otherwise."""

    async def executing() -> None:
        database = Database.from_url(url)
        await database.open()
        await database.execute(sql)
        await database.close()

    asyncio.run(executing())


def listed(crm_line: Line, *words: str) -> list[tuple[str, str]]:
    """Return id and state of the jobs that a command lists."""
    return [(job["id"], job["state"]) for job in json.loads(done(crm_line("jobs", *words, "--json")))]


def test_a_job_is_run_and_run_again(crm_line: Line, put: Callable[[], str]) -> None:
    """It is listed with where it stands, and everything there is to know is shown."""
    job = put()
    assert [(job, "waiting")] == listed(crm_line, "list", "--name", SWEEP)
    assert "1 job run." in done(crm_line("jobs", "run"))
    assert [(job, "done")] == listed(crm_line, "list", "--state", "done")
    assert f"{job} waits to be done again." in done(crm_line("jobs", "retry", job))
    shown = json.loads(done(crm_line("jobs", "show", job)))
    assert (SWEEP, "waiting", 0, None) == tuple(shown[key] for key in ("name", "state", "attempts", "error"))


def test_what_is_dead_is_listed_tried_again_and_cancelled(crm_line: Line, put: Callable[[], str], url: str) -> None:
    """With the reason; all of a name, or one."""
    job = put()
    execute(url, "update crm_job set state = 6, ended_at = 1, error = 'Traceback …\nOSError: no route'")
    [dead] = json.loads(done(crm_line("jobs", "dead", "--json")))
    assert (job, "OSError: no route") == (dead["id"], dead["error"])
    assert f"1 job of {SWEEP} wait" in done(crm_line("jobs", "retry", "--dead", SWEEP))
    assert 2 == crm_line("jobs", "retry").exit_code
    assert f"{job} is cancelled." in done(crm_line("jobs", "cancel", job))
    again = crm_line("jobs", "cancel", job)
    assert (1, True) == (again.exit_code, "has ended already" in again.stderr)


def test_a_name_is_paused_and_goes_on(crm_line: Line, put: Callable[[], str]) -> None:
    """Meanwhile its jobs wait, and status says why."""
    job = put()
    assert f"{SWEEP} is paused." in done(crm_line("jobs", "pause", SWEEP))
    done(crm_line("jobs", "run"))
    [row] = json.loads(done(crm_line("jobs", "status", "--json")))
    assert (SWEEP, 1, True) == (row["name"], row["waiting"], row["held"].startswith("paused since"))
    assert "goes on" in done(crm_line("jobs", "resume", SWEEP))
    done(crm_line("jobs", "run"))
    assert [(job, "done")] == listed(crm_line, "list")


def test_what_cannot_be_is_said(crm_line: Line) -> None:
    """With the way out."""
    since = ("replay", "no.such", "--since")
    for words, said in (
        (("show", "job_01900000-0000-7000-8000-000000000000"), "There is no job job_0190"),
        (("pause", "jobs.swep"), "did you mean jobs.sweep?"),
        (("resume", SWEEP), "is not held back"),
        ((*since, "2026-01-01T00:00:00Z"), "There is no after-handler 'no.such'"),
        ((*since, "yesterday"), "--since cannot be 'yesterday'"),
    ):
        line = crm_line("jobs", *words)
        assert (True, True) == (line.exit_code in (1, 2), said in line.stderr)


def test_schedules_and_how_plugins_did_are_shown(crm_line: Line, put: Callable[[], str]) -> None:
    """When each is due next, once a process has seen it; and what processes did that have ended."""
    put()
    done(crm_line("jobs", "run"))
    schedules = {row["name"]: row for row in json.loads(done(crm_line("jobs", "schedules", "--json")))}
    assert ("every 1:00:00", "skip", None) == tuple(schedules[SWEEP][key] for key in ("when", "missed", "last"))
    assert schedules[SWEEP]["next"].endswith("Z")
    done(crm_line("jobs", "pause", SWEEP))
    [row] = [row for row in json.loads(done(crm_line("plugin", "health", "--json"))) if row["name"] == SWEEP]
    assert ("jobs", "job", 1, 0, "paused") == tuple(row[key] for key in ("plugin", "kind", "runs", "failures", "held"))
    assert row["slowestMs"] >= row["meanMs"] > 0
