"""Who may follow what: who one is, where the connection comes from, and rights that change while it is open."""

from __future__ import annotations

import pytest

from crmcore import Actor
from crmcore.access import sessions, tokens
from crmcore.access.settings import AccessSettings
from crmcore.database import ids
from crmcore.entities import actions
from tests.http.subscriptions.conftest import Served

pytestmark = pytest.mark.asyncio(loop_scope="module")

CHANGES = "subscription { changes(entities: [CUSTOMER]) { recordId fields { name } record { id } } }"


async def test_wrong_token(served: Served) -> None:
    """A token that does not count closes the connection; so does none."""
    for payload in ({"token": "crm_nonsense"}, {}):
        async with served.socket() as socket:
            await socket.send(type="connection_init", payload=payload)
            assert 4401 == (await socket.closed())[0]


async def test_header(served: Served) -> None:
    """A program may send its token as it does elsewhere, or in connection_init as the header has it."""
    bearer = f"Bearer {served.token}"
    async with served.socket(additional_headers={"Authorization": bearer}) as socket:
        await socket.send(type="connection_init")
        assert {"type": "connection_ack"} == await socket.next()
    async with served.socket() as socket:
        await socket.send(type="connection_init", payload={"Authorization": bearer})
        assert {"type": "connection_ack"} == await socket.next()


async def test_cookie(served: Served) -> None:
    """A browser's session counts for pages of the CRM itself, and for no other site's: those cannot read along."""
    user, _ = await served.person("viewer", "cora")
    begun = await sessions.begin(served.crm.database, served.crm.settings[AccessSettings], user)
    cookie = {"Cookie": f"{sessions.COOKIE}={begun.secret}"}
    async with served.socket(additional_headers=cookie, origin=f"http://{served.address}") as socket:
        await socket.send(type="connection_init")
        assert {"type": "connection_ack"} == await socket.next()
    async with served.socket(additional_headers=cookie, origin="http://elsewhere.example") as socket:
        await socket.send(type="connection_init")
        assert 4403 == (await socket.closed())[0]
    async with served.socket(additional_headers=cookie, origin="http://elsewhere.example") as socket:
        await socket.send(type="connection_init", payload={"token": served.token})
        assert {"type": "connection_ack"} == await socket.next()


async def test_row_rules(served: Served) -> None:
    """A subscriber is sent what they may read: a seller their own customers, and nothing of others'."""
    seller, token = await served.person("sales", "sam")
    async with served.begun(token) as socket:
        await socket.subscribe("a", CHANGES)
        await served.following()
        await served.create("Not mine")

        async def unit(work: object) -> object:
            return await actions.create(
                work,
                "customer",
                {"kind": "PERSON", "family_name": "Mine", "owner_id": seller},  # type: ignore[arg-type]
            )

        mine = await served.crm.run(Actor.system(), unit)
        message = await socket.next()
        assert ids.encode("customer", mine["id"]) == message["payload"]["data"]["changes"]["recordId"]  # type: ignore[index]


async def test_revoked_token(served: Served) -> None:
    """A token that is revoked ends the connection it opened, within the time after which rights are looked up again."""
    user, token = await served.person("viewer", "rita")
    with served.settings(recheck=0.05):
        async with served.begun(token) as socket:
            await socket.subscribe("a", CHANGES)
            await served.following()
            await tokens.revoke_all(served.crm.database, user)
            code, reason = await socket.closed()
            assert 4401 == code
            assert "does not count any more" in reason
    await served.idle()


async def test_rights_taken(served: Served) -> None:
    """Rights that somebody loses while following are lost for what happens after that, and the connection stays."""
    user, token = await served.person("viewer", "wanda")
    with served.settings(recheck=0.05):
        async with served.begun(token) as socket:
            await socket.subscribe("a", CHANGES)
            await served.following()
            seen = await served.create("Seen")
            assert seen == (await socket.next())["payload"]["data"]["changes"]["recordId"]
            (member,) = served.crm.audiences._of
            before = member.actor.access.key

            async def unit(work: object) -> None:
                (held,) = await work.find("role_assignment", user_id=user)  # type: ignore[attr-defined]
                await actions.delete(work, "role_assignment", held["id"])  # type: ignore[arg-type]

            await served.crm.run(Actor.system(), unit)
            await served.until(lambda: member.actor.access.key != before and member.task is None)
            await served.create("Unseen")
            await socket.subscribe("q", "{ __typename }")
            assert "q" == (await socket.next())["id"]
