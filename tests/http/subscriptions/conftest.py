"""A served CRM with people who have tokens, and clients of the two protocols."""

from __future__ import annotations

import asyncio
import json
import os
import signal
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from msgspec.structs import replace
from pytest_asyncio import fixture as async_fixture
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

from crmcore import Actor, Crm
from crmcore.access import tokens
from crmcore.entities import actions
from crmcore.http import application
from crmcore.http.connections import Connections
from crmcore.http.server import listen, serve
from crmcore.settings import Settings, Subscriptions
from crmcore.testing.moulds import Mould

PROTOCOL = "graphql-transport-ws"
LIMIT = 5.0


@dataclass
class Served:
    """A CRM behind a real server.

    Attributes:

        crm: the CRM, in this process.
        address: host and port.
        token: of somebody with every right.
        connections: the server's.
    """

    crm: Crm
    address: str
    token: str
    connections: Connections

    @asynccontextmanager
    async def socket(self, protocol: str | None = PROTOCOL, **options: Any) -> AsyncIterator[Socket]:
        """Open a WebSocket; nothing is sent yet."""
        protocols = [Subprotocol(protocol)] if protocol else None
        async with connect(f"ws://{self.address}/graphql", subprotocols=protocols, **options) as raw:
            yield Socket(raw)

    @asynccontextmanager
    async def begun(self, token: str | None = None) -> AsyncIterator[Socket]:
        """Open a WebSocket that is acknowledged."""
        async with self.socket() as socket:
            await socket.send(type="connection_init", payload={"token": token or self.token})
            assert {"type": "connection_ack"} == await socket.next()
            yield socket

    @contextmanager
    def settings(self, **changed: Any) -> Iterator[None]:
        """Change settings of subscriptions for a block."""
        before = self.crm.settings
        self.crm.settings = replace(before, subscriptions=Subscriptions(**changed))
        try:
            yield
        finally:
            self.crm.settings = before

    async def create(self, name: str, actor: Actor | None = None) -> str:
        """Make a customer; return its id."""
        data = {"kind": "PERSON", "familyName": name}
        answer = await self.crm.execute(
            "mutation($v: CreateCustomerInput!) { createCustomer(data: $v) { ... on Customer { id } } }",
            {"v": data},
            actor=actor or Actor.system(),
        )
        id: str = answer["data"]["createCustomer"]["id"]
        return id

    async def person(self, role: str, name: str) -> tuple[UUID, str]:
        """Make somebody with a role; return their id and a token."""

        async def unit(work: Any) -> tuple[UUID, str]:
            user = await actions.create(work, "user", {"email": f"{name}@example.org", "name": name})
            (found,) = await work.find("role", key=role)
            await actions.create(work, "role_assignment", {"user_id": user["id"], "role_id": found["id"]})
            issued = await tokens.issue(work, user["id"], "test")
            assert issued.secret is not None
            return user["id"], issued.secret

        return await self.crm.run(Actor.system(), unit)

    async def until(self, condition: Callable[[], bool]) -> None:
        """Wait for a condition."""
        async with asyncio.timeout(LIMIT):
            while not condition():  # noqa: ASYNC110
                await asyncio.sleep(0.005)

    async def following(self, count: int = 1) -> None:
        """Wait until so many subscriptions are served as things happen."""
        audiences = self.crm.audiences
        await self.until(lambda: sum(member.task is None for member in audiences._of) == count)

    async def idle(self) -> None:
        """Wait until no subscription runs."""
        await self.until(lambda: not self.crm.audiences._of)


class Socket:
    """A client of graphql-transport-ws that speaks as a test tells it to."""

    def __init__(self, raw: ClientConnection) -> None:
        self.raw = raw

    async def send(self, **message: Any) -> None:
        """Send one message."""
        await self.raw.send(json.dumps(message))

    async def subscribe(self, id: str, query: str, **variables: Any) -> None:
        """Ask for an operation."""
        await self.send(id=id, type="subscribe", payload={"query": query, "variables": variables})

    async def next(self) -> Any:
        """Return the next message."""
        async with asyncio.timeout(LIMIT):
            return json.loads(await self.raw.recv())

    async def closed(self) -> tuple[int, str]:
        """Return close code and reason, whatever came before."""
        async with asyncio.timeout(LIMIT):
            with pytest.raises(ConnectionClosed) as closed:
                while True:
                    await self.raw.recv()
        assert closed.value.rcvd is not None
        return closed.value.rcvd.code, closed.value.rcvd.reason


@async_fixture(scope="module", loop_scope="module")
async def served(
    crm_model: Crm, crm_mould: Callable[[str], Mould], crm_dialect: str, request: pytest.FixtureRequest
) -> AsyncIterator[Served]:
    """Serve a CRM with uvicorn, the same for all tests of a module; its subscriptions' settings can be changed."""
    with crm_mould(crm_dialect).copy(f"crm_{request.module.__name__.rpartition('.')[2]}") as url:
        crm = crm_model.like(Settings(database=url))
        listener = listen("127.0.0.1", 0)
        app = application(crm)
        server = asyncio.create_task(serve(app, listener, crm.settings.http, crm.audiences.close))
        door: Any = app.asgi_handler
        found = Served(crm, f"127.0.0.1:{listener.getsockname()[1]}", "", door._graphql.connections)
        async with asyncio.timeout(LIMIT):
            while not crm.started:  # noqa: ASYNC110
                await asyncio.sleep(0.01)
        _, found.token = await found.person("admin", "root")
        try:
            yield found
        finally:
            if not server.done():
                os.kill(os.getpid(), signal.SIGTERM)
            await server
