"""graphql-transport-ws: its messages and its close codes."""

from __future__ import annotations

import pytest

from tests.http.subscriptions.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHANGES = "subscription($after: String) { changes(after: $after, entities: [CUSTOMER]) { cursor type recordId } }"


async def test_changes(served: Served) -> None:
    """A change that is committed is sent to whoever subscribed, with its cursor."""
    async with served.begun() as socket:
        await socket.subscribe("a", CHANGES)
        await served.following()
        id = await served.create("Ada")
        message = await socket.next()
        change = message["payload"]["data"]["changes"]
        assert ("a", "next") == (message["id"], message["type"])
        assert ("CUSTOMER_CREATED", id) == (change["type"], change["recordId"])
        assert change["cursor"]


async def test_complete(served: Served) -> None:
    """After the client's complete nothing more comes under that id, which may be used anew."""
    async with served.begun() as socket:
        await socket.subscribe("a", CHANGES)
        await served.following()
        await socket.send(id="a", type="complete")
        await served.idle()
        await served.create("Ada")
        await socket.subscribe("a", CHANGES)
        await served.following()
        id = await served.create("Bea")
        assert id == (await socket.next())["payload"]["data"]["changes"]["recordId"]


async def test_query(served: Served) -> None:
    """A query and a mutation are answered once, then completed."""
    async with served.begun() as socket:
        await socket.subscribe("q", "{ me { __typename } }")
        assert {"id": "q", "type": "next", "payload": {"data": {"me": {"__typename": "User"}}}} == await socket.next()
        assert {"id": "q", "type": "complete"} == await socket.next()
        mutation = 'mutation { createCustomer(data: {kind: PERSON, familyName: "Ada"}) { __typename } }'
        await socket.subscribe("m", mutation)
        assert "Customer" == (await socket.next())["payload"]["data"]["createCustomer"]["__typename"]
        assert {"id": "m", "type": "complete"} == await socket.next()


async def test_errors(served: Served) -> None:
    """What cannot begin is an error message with GraphQL errors; the connection stays."""
    async with served.begun() as socket:
        await socket.subscribe("a", "subscription { nothing }")
        message = await socket.next()
        assert ("a", "error") == (message["id"], message["type"])
        assert "nothing" in message["payload"][0]["message"]
        await socket.subscribe("a", CHANGES, after="no cursor")
        message = await socket.next()
        assert ("error", "VALIDATION") == (message["type"], message["payload"][0]["extensions"]["code"])
        await socket.subscribe("a", 'subscription { customerChanged(id: "deal_1") { type } }')
        assert "error" == (await socket.next())["type"]


async def test_ping(served: Served) -> None:
    """A ping is answered at any time with what it carried; a pong needs no answer."""
    async with served.socket() as socket:
        await socket.send(type="ping", payload={"n": 1})
        assert {"type": "pong", "payload": {"n": 1}} == await socket.next()
        await socket.send(type="pong")
        await socket.send(type="ping")
        assert {"type": "pong"} == await socket.next()


@pytest.mark.parametrize("protocol", [None, "graphql-ws"])
async def test_other_protocol(served: Served, protocol: str | None) -> None:
    """Whoever does not speak the protocol is told so."""
    async with served.socket(protocol) as socket:
        assert (4406, "Subprotocol not acceptable") == await socket.closed()


async def test_init_in_time(served: Served) -> None:
    """Whoever does not begin in time is closed."""
    with served.settings(init_timeout=0.05):
        async with served.socket() as socket:
            assert (4408, "Connection initialisation timeout") == await socket.closed()


async def test_init_twice(served: Served) -> None:
    """A connection begins once."""
    async with served.begun() as socket:
        await socket.send(type="connection_init")
        assert (4429, "Too many initialisation requests") == await socket.closed()


async def test_not_begun(served: Served) -> None:
    """Nothing is answered before the connection is acknowledged."""
    async with served.socket() as socket:
        await socket.subscribe("a", CHANGES)
        assert (4401, "Unauthorized") == await socket.closed()


async def test_malformed(served: Served) -> None:
    """What is no message of the protocol closes the connection."""
    for text in (
        "no json",
        "[]",
        '{"type":"nonsense"}',
        '{"type":"subscribe"}',
        '{"type":"subscribe","id":"","payload":{"query":"{ me { id } }"}}',
        '{"type":"subscribe","id":"a","payload":{}}',
        '{"type":"subscribe","id":"a","payload":{"query":"{ me { id } }","variables":[]}}',
        '{"type":"connection_init","payload":7}',
        b"binary",
    ):
        async with served.socket() as socket:
            await socket.raw.send(text)
            code, reason = await socket.closed()
            assert 4400 == code, text
            assert reason.startswith("Invalid message")


async def test_same_id(served: Served) -> None:
    """An id that is in use cannot be used for another operation."""
    async with served.begun() as socket:
        await socket.subscribe("a", CHANGES)
        await socket.subscribe("a", CHANGES)
        assert (4409, "Subscriber for a already exists") == await socket.closed()


async def test_many_operations(served: Served) -> None:
    """More operations than a connection may have are refused; those that run go on."""
    with served.settings(per_connection=1):
        async with served.begun() as socket:
            await socket.subscribe("a", CHANGES)
            await socket.subscribe("b", CHANGES)
            message = await socket.next()
            code = message["payload"][0]["extensions"]["code"]
            assert ("b", "error", "RATE_LIMITED") == (message["id"], message["type"], code)


async def test_many_connections(served: Served) -> None:
    """One person may have so many connections; others are not concerned."""
    _, token = await served.person("viewer", "vera")
    with served.settings(per_actor=1):
        async with served.begun(), served.begun(token), served.socket() as third:
            await third.send(type="connection_init", payload={"token": token})
            assert 4431 == (await third.closed())[0]


async def test_ended_by_leaving(served: Served) -> None:
    """A client that is gone leaves nothing behind."""
    async with served.begun() as socket:
        await socket.subscribe("a", CHANGES)
        await served.following()
        socket.raw.transport.abort()
    await served.idle()
    assert served.crm.audiences._hub.position is None
