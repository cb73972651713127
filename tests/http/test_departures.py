"""Who leaves before the answer takes the query along, and nothing that has begun to write."""

from __future__ import annotations

import asyncio
import json
import logging
import os
import signal
from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest

from crmcore.access import accounts, tokens
from crmcore.access.actor import Actor
from crmcore.app import Crm
from crmcore.entities.work import Work
from crmcore.http import application
from crmcore.http.departures import Departures
from crmcore.http.server import listen, serve
from crmcore.http.trace import Trace
from crmcore.settings import Http
from tests.database.test_failures import endless


class Call:
    """A request whose client can leave."""

    def __init__(self) -> None:
        self.trace = Trace({"headers": []})
        self.left = asyncio.Event()
        self.heard = 0

    async def receive(self) -> dict[str, Any]:
        self.heard += 1
        await self.left.wait()
        return {"type": "http.disconnect"}


@pytest.fixture
def departures(monkeypatch: pytest.MonkeyPatch) -> Departures:
    monkeypatch.setattr("crmcore.http.departures._PATIENCE", 0.01)
    return Departures()


async def test_a_query_ends_when_its_client_leaves(departures: Departures) -> None:
    """The task is cancelled where it waits."""
    call = Call()

    async def query() -> None:
        departures.enter(call.trace, call.receive)
        call.left.set()
        try:
            await asyncio.sleep(30)
        finally:
            departures.leave(call.trace)

    with pytest.raises(asyncio.CancelledError):
        await asyncio.create_task(query())
    assert call.trace.gone


async def test_what_has_begun_to_write_is_not_ended(departures: Departures) -> None:
    """Whether it was done could not be told any more."""
    call, heard = Call(), asyncio.Event()

    async def receive() -> dict[str, Any]:
        heard.set()
        return {"type": "http.disconnect"}

    async def mutation() -> str:
        departures.enter(call.trace, receive)
        call.trace.wrote = True
        await heard.wait()
        for _ in range(5):
            await asyncio.sleep(0)
        departures.leave(call.trace)
        return "done"

    assert "done" == await asyncio.create_task(mutation())
    assert not call.trace.gone


async def test_a_quick_request_is_not_listened_to(departures: Departures) -> None:
    """A task for each would cost more than most requests; the timer stops when nothing runs."""
    calls = [Call() for _ in range(10)]
    for call in calls:
        departures.enter(call.trace, call.receive)
        departures.leave(call.trace)
    timer = departures._timer
    assert timer is not None
    while departures._timer is not None:  # noqa: ASYNC110 - there is no event for what does not happen
        await asyncio.sleep(0)
    assert 0 == sum(call.heard for call in calls)


@pytest.fixture
async def token(crm: Crm) -> str:
    """A token of somebody who may do everything."""

    async def unit(work: Work) -> str:
        ada = await accounts.create_user(work, name="Ada", email="ada@example.com", roles=("admin",))
        return str((await tokens.issue(work, ada["id"], "test")).secret)

    return await crm.run(Actor.system(), unit)


@pytest.fixture
async def address(crm: Crm) -> AsyncIterator[tuple[str, int]]:
    """Where a real server serves the CRM."""
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    server = asyncio.create_task(serve(application(crm), listener, Http(stop_timeout=5)))
    async with httpx.AsyncClient() as client:
        while True:
            try:
                await client.get(f"http://127.0.0.1:{port}/health")
                break
            except httpx.ConnectError:
                await asyncio.sleep(0)
    yield "127.0.0.1", port
    os.kill(os.getpid(), signal.SIGTERM)
    await server


@pytest.mark.crm_settings(pool_size=1)
async def test_a_client_that_leaves_frees_the_database(
    crm: Crm,
    token: str,
    address: tuple[str, int],
    monkeypatch: pytest.MonkeyPatch,
    caplog: pytest.LogCaptureFixture,
) -> None:
    """The only connection answers the next one at once, and on PostgreSQL nothing of the first runs any more."""
    running = asyncio.Event()
    monkeypatch.setattr(crm.planner, "_run", _endless(running))
    body = json.dumps({"query": "query Long { customers { nodes { id } } }"})
    head = f"POST /graphql HTTP/1.1\r\nHost: crm\r\nContent-Type: application/json\r\nAuthorization: Bearer {token}\r\n"
    caplog.set_level(logging.INFO, "crmcore.http.request")
    _, writer = await asyncio.open_connection(*address)
    writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n{body}".encode())
    await running.wait()
    monkeypatch.undo()
    writer.close()
    async with httpx.AsyncClient(base_url=f"http://{address[0]}:{address[1]}", timeout=15) as client:
        headers = {"authorization": f"Bearer {token}"}
        asked = await client.post("/graphql", json={"query": "{ me { name } }"}, headers=headers)
    assert {"data": {"me": {"name": "Ada"}}} == asked.json()
    if crm.database.dialect == "postgresql":
        active = (
            "select count(*) from pg_stat_activity where state = 'active' and query like '%generate_series(1, 1000%'"
        )
        assert 1 == await crm.database.fetch_value(active)  # this one itself
    statuses = {
        vars(r)["request"]["operation"]: vars(r)["request"]["status"] for r in caplog.records if hasattr(r, "request")
    }
    assert 499 == statuses["Long"]


def _endless(running: asyncio.Event) -> Callable[..., Any]:
    async def run(database: Any, *_: Any) -> Any:
        running.set()
        return await database.fetch(endless(database))

    return run
