"""The CRM inside a Starlette and a Litestar application, as `examples/mounted` has it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest

from crmcore import Settings
from crmcore.testing import TestCrm
from examples.mounted.litestar_app import litestar_app
from examples.mounted.starlette_app import starlette_app
from tests.plugins import with_routes

WHO = {"query": "{ me { name } customers { totalCount } }"}
HOSTS = [starlette_app, litestar_app]


@pytest.fixture(scope="session")
def crm_plugins() -> Sequence[object]:
    """A plugin with a route of its own."""
    return [with_routes]


def client_of(app: Any) -> httpx.AsyncClient:
    """Talk to an application as a browser does."""
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://host")


async def signed_in(crm: TestCrm, client: httpx.AsyncClient) -> Any:
    """Sign in at the host as a person with the role sales; return them."""
    me = await crm.actor("sales")
    await client.post("/login", json={"email": "Sales@example.com"})
    return me


@pytest.mark.parametrize("host", HOSTS)
async def test_who_is_signed_in_at_the_host_asks_the_crm(crm: TestCrm, host: Callable[[TestCrm], Any]) -> None:
    """With the rights that they have in the CRM: this one sees their own customers only."""
    async with client_of(host(crm)) as client:
        me = await signed_in(crm, client)
        await crm.make("customer", as_=me)
        await crm.make("customer")
        home, answer = await client.get("/"), await client.post("/crm/graphql", json=WHO)

    assert ("Our own page.", {"me": {"name": "Sales"}, "customers": {"totalCount": 1}}) == (
        home.text,
        answer.json()["data"],
    )


@pytest.mark.parametrize("host", HOSTS)
async def test_nobody_is_nobody(crm: TestCrm, host: Callable[[TestCrm], Any]) -> None:
    """Without a sign-in at the host, and without a token, the CRM answers 401; a header is no sign-in."""
    async with client_of(host(crm)) as client:
        await crm.actor("sales")
        headers = {"crmcore.user": "sales@example.com", "crmcore-user": "sales@example.com"}
        answer = await client.post("/crm/graphql", json=WHO, headers=headers)

    assert 401 == answer.status_code


@pytest.mark.parametrize("host", HOSTS)
async def test_whom_the_crm_does_not_know_is_refused(crm: TestCrm, host: Callable[[TestCrm], Any]) -> None:
    """People of the host are people of the CRM only if it has them, and for as long as they are active."""
    async with client_of(host(crm)) as client:
        await client.post("/login", json={"email": "stranger@example.com"})
        answer = await client.post("/crm/graphql", json=WHO)

    assert 401 == answer.status_code


@pytest.mark.parametrize("host", HOSTS)
async def test_another_sites_page_cannot_use_the_hosts_cookie(crm: TestCrm, host: Callable[[TestCrm], Any]) -> None:
    """The CRM does not know how the host knows people, so it takes care as with its own cookie."""
    async with client_of(host(crm)) as client:
        await signed_in(crm, client)
        answer = await client.post("/crm/graphql", json=WHO, headers={"Sec-Fetch-Site": "cross-site"})

    assert 403 == answer.status_code


@pytest.mark.parametrize("host", HOSTS)
async def test_plugins_routes_are_below_the_mount(crm: TestCrm, host: Callable[[TestCrm], Any]) -> None:
    """What a plugin serves alone at /plugins/doors/knock is at /crm/plugins/doors/knock."""
    async with client_of(host(crm)) as client:
        answer = await client.get("/crm/plugins/doors/knock")

    assert (200, "who is there?") == (answer.status_code, answer.text)


@pytest.mark.parametrize("host", HOSTS)
async def test_the_crm_lives_as_long_as_the_host(crm: TestCrm, host: Callable[[TestCrm], Any]) -> None:
    """It starts and stops with it."""
    inner = crm.like(Settings(database=crm.settings.database))
    app = host(inner)
    context = app.router.lifespan_context(app) if host is starlette_app else app.lifespan()
    async with context:
        running = inner.started

    assert (True, False) == (running, inner.started)


async def over_websocket(app: Any, headers: list[tuple[bytes, bytes]]) -> Any:
    """Open a WebSocket as a browser does; return what comes after the acceptance."""
    given: asyncio.Queue[Any] = asyncio.Queue()
    sent: asyncio.Queue[Any] = asyncio.Queue()
    path = {"path": "/crm/graphql", "raw_path": b"/crm/graphql", "root_path": "", "query_string": b""}
    scope = {"type": "websocket", "scheme": "ws", "subprotocols": ["graphql-transport-ws"], "state": {}, **path}
    scope |= {"asgi": {"version": "3.0"}, "http_version": "1.1", "client": ("127.0.0.1", 1), "server": ("host", 80)}
    for message in (
        {"type": "websocket.connect"},
        {"type": "websocket.receive", "text": '{"type": "connection_init"}'},
    ):
        given.put_nowait(message)
    serving = asyncio.ensure_future(app({**scope, "headers": [(b"host", b"host"), *headers]}, given.get, sent.put))
    assert "websocket.accept" == (await asyncio.wait_for(sent.get(), 20))["type"]
    answer = await asyncio.wait_for(sent.get(), 20)
    given.put_nowait({"type": "websocket.disconnect", "code": 1000})
    await asyncio.wait_for(serving, 20)
    return answer


@pytest.mark.parametrize(
    ("site", "expected"),
    [(b"same-origin", {"type": "websocket.send", "text": '{"type":"connection_ack"}'}), (b"cross-site", 4403)],
)
@pytest.mark.parametrize("host", HOSTS)
async def test_subscriptions_ask_the_host_too(
    crm: TestCrm, host: Callable[[TestCrm], Any], site: bytes, expected: Any
) -> None:
    """A WebSocket is opened by whoever is signed in at the host, and by no other site's page."""
    app = host(crm)
    async with client_of(app) as client:
        await signed_in(crm, client)
        cookie = f"who={client.cookies['who']}".encode()
    answer = await over_websocket(app, [(b"cookie", cookie), (b"sec-fetch-site", site)])

    assert expected == answer.get("code", answer)
