"""GraphQL over server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import httpx
import pytest

from tests.http.subscriptions.conftest import LIMIT, Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHANGES = "subscription($after: String) { changes(after: $after, entities: [CUSTOMER]) { cursor recordId } }"
EVENTS = "text/event-stream"


class Stream:
    """A client that reads one event after the other."""

    def __init__(self, response: httpx.Response) -> None:
        self.response = response
        self._lines = response.aiter_lines()

    async def next(self) -> dict[str, str]:
        """Return the fields of the next event; empty when there are no more."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(LIMIT):
            async for line in self._lines:
                if not line and fields:
                    break
                name, _, value = line.partition(":")
                if name:
                    fields[name] = value.removeprefix(" ")
        return fields


@asynccontextmanager
async def streamed(
    served: Served, query: str, variables: dict[str, Any] | None = None, accept: str = EVENTS, **headers: str
) -> AsyncIterator[Stream]:
    """Ask for an operation."""
    sent = {"accept": accept, "authorization": f"Bearer {served.token}", **headers}
    body = {"query": query, "variables": variables or {}}
    async with (
        httpx.AsyncClient(timeout=LIMIT) as client,
        client.stream("POST", f"http://{served.address}/graphql", json=body, headers=sent) as response,
    ):
        yield Stream(response)


async def test_changes(served: Served) -> None:
    """What happens is sent as events `next`, each with its cursor as the event's id; lines end with LF alone."""
    async with streamed(served, CHANGES) as stream:
        assert EVENTS == stream.response.headers["content-type"].partition(";")[0]
        await served.following()
        id = await served.create("Ada")
        event = await stream.next()
        change = json.loads(event["data"])["data"]["changes"]
        assert ("next", id, event["id"]) == (event["event"], change["recordId"], change["cursor"])
        assert "\r" not in event["data"]
    await served.idle()


async def test_resume(served: Served) -> None:
    """A browser that comes back sends the last event's id, and goes on after it."""
    async with streamed(served, CHANGES) as stream:
        await served.following()
        await served.create("Ada")
        seen = (await stream.next())["id"]
    missed = [await served.create("Bea"), await served.create("Cleo")]
    async with streamed(served, CHANGES, **{"last-event-id": seen}) as stream:
        found = [json.loads((await stream.next())["data"])["data"]["changes"]["recordId"] for _ in missed]
    assert missed == found


async def test_query(served: Served) -> None:
    """A client that takes nothing but events gets the one answer of a query so, and the end."""
    async with streamed(served, "{ me { __typename } }") as stream:
        event = await stream.next()
        assert {"data": {"me": {"__typename": "User"}}} == json.loads(event["data"])
        assert {"event": "complete", "data": ""} == await stream.next()
        assert {} == await stream.next()


async def test_errors(served: Served) -> None:
    """What is wrong with the operation is told by an event, since the client can read nothing else."""
    for query in ("subscription { nothing }", "no graphql", 'subscription { changes(after: "x") { cursor } }'):
        async with streamed(served, query) as stream:
            assert 200 == stream.response.status_code
            event = await stream.next()
            assert ["errors"] == list(json.loads(event["data"]))
            assert "complete" == (await stream.next())["event"]


async def test_preference(served: Served) -> None:
    """A client that takes both gets queries as JSON and subscriptions as events; one that takes JSON only is told the way."""
    both = f"application/json, {EVENTS}, multipart/mixed"
    async with streamed(served, "{ me { __typename } }", accept=both) as stream:
        assert "application/json" == stream.response.headers["content-type"].partition(";")[0]
    for accept in (both, "*/*"):
        async with streamed(served, CHANGES, accept=accept) as stream:
            assert EVENTS == stream.response.headers["content-type"].partition(";")[0]
            await served.following()
        await served.idle()
    async with streamed(served, CHANGES, accept="application/json") as stream:
        assert 406 == stream.response.status_code
        assert b"text/event-stream" in await stream.response.aread()


async def test_get(served: Served) -> None:
    """An EventSource can only GET; a mutation cannot be sent so."""
    headers = {"accept": EVENTS, "authorization": f"Bearer {served.token}"}
    async with httpx.AsyncClient(timeout=LIMIT) as client:
        mutation = 'mutation { createCustomer(data: {kind: PERSON, familyName: "A"}) { __typename } }'
        answer = await client.get(f"http://{served.address}/graphql", params={"query": mutation}, headers=headers)
        assert "needs POST" in answer.text
        url = httpx.URL(f"http://{served.address}/graphql", params={"query": CHANGES})
        async with client.stream("GET", url, headers=headers) as response:
            await served.following()
            id = await served.create("Ada")
            assert id in (await Stream(response).next())["data"]


async def test_keep_alive(served: Served) -> None:
    """Where nothing happens a comment is sent now and then, so that nobody between takes the connection for dead."""
    with served.settings(keep_alive=0.02):
        async with streamed(served, CHANGES) as stream:
            async with asyncio.timeout(LIMIT):
                async for text in stream.response.aiter_text():
                    assert text.startswith(":\n\n")
                    break


async def test_nobody(served: Served) -> None:
    """Who does not sign in, or has too many connections, is told by the status."""
    async with streamed(served, CHANGES, authorization="Bearer crm_x") as stream:
        assert 401 == stream.response.status_code
    with served.settings(per_actor=1):
        async with streamed(served, CHANGES):
            await served.following()
            async with streamed(served, CHANGES) as second:
                assert 429 == second.response.status_code
