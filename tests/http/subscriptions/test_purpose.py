"""A WebSocket is for the purpose that its beginning declares: in connection_init, or in the header."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from crmcore import Actor
from tests.http.subscriptions.conftest import Served
from tests.plugins import with_purpose

READ = "{ customers { totalCount } }"


@pytest.fixture(scope="session")
def crm_plugins() -> list[ModuleType]:
    """The plugin that knows one purpose."""
    return [with_purpose]


@pytest.mark.asyncio(loop_scope="module")
@pytest.mark.parametrize(
    ("purpose", "header", "count"), [(None, {}, 1), ("mail", {}, 0), (None, {"crm-purpose": "mail"}, 0)]
)
async def test_a_connection_reads_for_one_purpose(served: Served, purpose: str | None, header: Any, count: int) -> None:
    """Operations of a connection are narrowed by it; without one they are as ever."""
    if (await served.crm.execute(READ, actor=Actor.system()))["data"]["customers"]["totalCount"] == 0:
        await served.create("Noether")
    async with served.socket(additional_headers=header) as socket:
        payload = {"token": served.token} | ({"purpose": purpose} if purpose else {})
        await socket.send(type="connection_init", payload=payload)
        assert {"type": "connection_ack"} == await socket.next()
        await socket.subscribe("a", READ)
        assert {"customers": {"totalCount": count}} == (await socket.next())["payload"]["data"]


@pytest.mark.asyncio(loop_scope="module")
async def test_a_purpose_that_nobody_knows_ends_the_connection(served: Served) -> None:
    """With a code that tells a client not to come again as it is."""
    async with served.socket() as socket:
        await socket.send(type="connection_init", payload={"token": served.token, "purpose": "bread"})
        code, reason = await socket.closed()

    assert (4400, True) == (code, "knows the purpose 'bread'" in reason)
