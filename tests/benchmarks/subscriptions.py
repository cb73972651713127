"""How long a committed change takes to reach subscribers: one server process, many WebSockets, one change at a time.

`python -m tests.benchmarks.subscriptions FOLDER [--subscribers 1000] [--changes 100] [--people 1]
[--database sqlite|postgresql|both]`

Counted from the moment before the mutation is sent, so its own transaction is in it. `--people` is how many persons the
subscribers are; a person who sees but their own rows is served apart from others, so as many readings are made.
"""

# ruff: noqa: T201 - printing is what it is for

from __future__ import annotations

import argparse
import asyncio
import base64
import json
import os
import resource
import subprocess
import sys
from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic, perf_counter, sleep
from typing import Any
from uuid import UUID

import asyncpg
import httpx

from crmcore import Actor, Crm, Settings, Work, ids
from crmcore.access import tokens
from crmcore.entities import actions
from crmcore.http.server import listen
from tests.benchmarks.postgresql import postgresql
from tests.benchmarks.usage import memory, processor_time

#: Changes before it counts: statements are prepared and compiled by them.
_FIRST = 3
_CHANGES = (
    "subscription { changes(entities: [CUSTOMER]) { cursor type recordId record { ... on Customer { displayName } } } }"
)
_UPDATE = "mutation($id: ID!, $v: UpdateCustomerInput!) { updateCustomer(id: $id, data: $v) { __typename } }"


class Subscriber(asyncio.Protocol):
    """As little of a WebSocket client as will do: it notes when something came, and reads nothing of it."""

    def __init__(self, token: str) -> None:
        self._token, self._began = token, False
        self.arrived: list[float] = []
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Ask for the upgrade."""
        assert isinstance(transport, asyncio.Transport)
        self._transport = transport
        key = base64.b64encode(os.urandom(16)).decode()
        transport.write(
            f"GET /graphql HTTP/1.1\r\nHost: bench\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
            f"Sec-WebSocket-Key: {key}\r\nSec-WebSocket-Version: 13\r\n"
            f"Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
        )

    def data_received(self, data: bytes) -> None:
        """Go through the protocol's steps, then note arrivals."""
        if b'"next"' in data:
            self.arrived.append(perf_counter())
        elif b"connection_ack" in data:
            self._send({"type": "subscribe", "id": "1", "payload": {"query": _CHANGES}})
            self.ready.set_result(None)
        elif not self._began:
            self._began = True
            self._send({"type": "connection_init", "payload": {"token": self._token}})

    def close(self) -> None:
        """Leave."""
        self._transport.abort()

    def _send(self, message: dict[str, Any]) -> None:
        text = json.dumps(message).encode()
        size = bytes((0x80 | len(text),)) if len(text) < 126 else b"\xfe" + len(text).to_bytes(2, "big")
        self._transport.write(b"\x81" + size + bytes(4) + text)  # a mask of zeros is one


async def _people(crm: Crm, count: int) -> tuple[list[str], str, UUID]:
    """Make people with the role of a seller (an administrator if it is one), and a customer of the first."""

    async def unit(work: Work) -> tuple[list[str], str, UUID]:
        secrets: list[str] = []
        for number in range(count + 1):
            user = await actions.create(work, "user", {"email": f"{number}@example.org", "name": str(number)})
            (role,) = await work.find("role", key="admin" if number == 0 or count == 1 else "viewer")
            await actions.create(work, "role_assignment", {"user_id": user["id"], "role_id": role["id"]})
            issued = await tokens.issue(work, user["id"], "bench")
            secrets.append(issued.secret or "")
        customer = await actions.create(work, "customer", {"kind": "PERSON", "family_name": "Ada"})
        return secrets[1:], secrets[0], customer["id"]

    return await crm.run(Actor.system(), unit)


async def _measure(url: str, subscribers: int, changes: int, people: int) -> Iterable[str]:
    crm = Crm(Settings(database=url))
    await crm.start(migrate="always")
    secrets, admin, customer = await _people(crm, people)
    await crm.stop()
    with _server(url, subscribers) as (port, pid):
        loop = asyncio.get_running_loop()
        clients: list[Subscriber] = []
        for number in range(subscribers):
            secret = secrets[number % len(secrets)]
            _, client = await loop.create_connection(lambda s=secret: Subscriber(s), "127.0.0.1", port)
            clients.append(client)
        await asyncio.gather(*(client.ready for client in clients))
        await asyncio.sleep(1.0)
        first, _ = await _rounds(port, admin, customer, clients, range(_FIRST), pid)
        waits, spent = await _rounds(port, admin, customer, clients, range(_FIRST, _FIRST + changes), pid)
        used = memory(pid)
        for client in clients:
            client.close()
    waits.sort()
    return (
        f"{subscribers} subscribers of {people} people, {changes} changes one after the other",
        f"  the first {_FIRST}, which find nothing prepared: worst {max(first) * 1000:.1f} ms",
        f"  answered  p50 {_at(waits, 0.5):6.1f} ms   p99 {_at(waits, 0.99):6.1f} ms   worst {waits[-1] * 1000:6.1f} ms",
        f"  server    {spent / changes * 1000:.1f} ms of processor time a change, {used:.0f} MiB",
    )


async def _rounds(
    port: int, token: str, customer: UUID, clients: list[Subscriber], changes: range, pid: int
) -> tuple[list[float], float]:
    waits: list[float] = []
    headers = {"authorization": f"Bearer {token}"}
    async with httpx.AsyncClient(base_url=f"http://127.0.0.1:{port}", headers=headers, timeout=60) as client:
        id = ids.encode("customer", customer)
        before = processor_time(pid)
        for number in changes:
            variables = {"id": id, "v": {"familyName": f"N{number}"}}
            started = perf_counter()
            answer = await client.post("/graphql", json={"query": _UPDATE, "variables": variables})
            assert "errors" not in answer.json(), answer.text
            end = monotonic() + 30
            while any(len(one.arrived) <= number for one in clients):
                assert monotonic() < end, f"{sum(len(c.arrived) <= number for c in clients)} heard nothing of {number}"
                await asyncio.sleep(0.01)
            waits += [one.arrived[number] - started for one in clients]
            await asyncio.sleep(0.05)
        return waits, processor_time(pid) - before


@contextmanager
def _server(url: str, subscribers: int) -> Iterator[tuple[int, int]]:
    listener = listen("127.0.0.1", 0)
    port = listener.getsockname()[1]
    listener.close()
    environment = {
        **os.environ,
        "CRM_DATABASE": url,
        "CRM_SUBSCRIPTIONS_PER_ACTOR": str(subscribers + 1),
        "CRM_LOG_LEVEL": "WARNING",
    }
    command = [sys.executable, "-m", "crmcore.cli", "serve", "--port", str(port)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.DEVNULL) as process:
        try:
            end = monotonic() + 60
            while not _ready(port):
                assert monotonic() < end, "the server does not start"
                sleep(0.1)
            yield port, process.pid
        finally:
            process.terminate()


async def _create(url: str) -> None:
    connection = await asyncpg.connect(url)
    await connection.execute("create database subscriptions")
    await connection.close()


def _ready(port: int) -> bool:
    try:
        return httpx.get(f"http://127.0.0.1:{port}/ready").status_code == 200
    except httpx.TransportError:
        return False


def _at(waits: list[float], share: float) -> float:
    return waits[min(len(waits) - 1, int(len(waits) * share))] * 1000


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("--subscribers", type=int, default=1000)
    parser.add_argument("--changes", type=int, default=200)
    parser.add_argument("--people", type=int, default=1)
    parser.add_argument("--database", choices=("sqlite", "postgresql", "both"), default="both")
    given = parser.parse_args()
    given.folder.mkdir(parents=True, exist_ok=True)
    resource.setrlimit(resource.RLIMIT_NOFILE, (resource.getrlimit(resource.RLIMIT_NOFILE)[1],) * 2)
    with ExitStack() as stack:
        for name in ("sqlite", "postgresql") if given.database == "both" else (given.database,):
            file = given.folder / "subscriptions.db"
            url = f"sqlite:///{file}"
            if name == "postgresql":
                server, _ = stack.enter_context(postgresql(given.folder / "postgresql"))
                asyncio.run(_create(server.url("postgres")))
                url = server.url("subscriptions")
            print(name)
            print("\n".join(asyncio.run(_measure(url, given.subscribers, given.changes, given.people))))


if __name__ == "__main__":
    main()
