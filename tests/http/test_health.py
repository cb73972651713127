"""Whether the process lives and can serve."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.http.conftest import FakeCrm


@pytest.mark.parametrize("path", ["/health", "/ready"])
@pytest.mark.parametrize("method", ["GET", "HEAD"])
async def test_a_sound_crm_says_so(client: httpx.AsyncClient, path: str, method: str) -> None:
    """Both answer 200 without an actor, to HEAD as well."""
    answer = await client.request(method, path)
    assert answer.status_code == 200


async def test_work_that_stands_still_is_told_of(client: httpx.AsyncClient, fake: FakeCrm) -> None:
    """With the reason, and without a status that would have a server ended that answers."""
    fake.stalled.append("The worker has ended; restart this process and read its log.")
    answer = await client.get("/health")
    assert (200, fake.stalled) == (answer.status_code, answer.json()["reasons"])
    assert "ok" != answer.json()["status"]


async def test_pending_migrations_are_not_ready(client: httpx.AsyncClient, fake: FakeCrm) -> None:
    """503 names the command; the process lives all the same."""
    fake.pending = lambda: ["customers_0002"]
    ready, health = await client.get("/ready"), await client.get("/health")
    assert (ready.status_code, health.status_code) == (503, 200)
    assert "crm migrate" in ready.text


async def test_a_silent_database_is_not_ready(client: httpx.AsyncClient, fake: FakeCrm) -> None:
    """503 says so without saying how the database is reached."""

    def broken() -> Any:
        msg = "could not connect to postgresql://crm:secret@db"
        raise OSError(msg)

    fake.pending = broken
    answer = await client.get("/ready")
    assert (answer.status_code, "secret" in answer.text) == (503, False)
