"""Requests with a token that was used before: one statement both reads and shows that the token still counts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx
import pytest

from crmcore import clock
from crmcore.access import accounts, tokens
from crmcore.access.actor import Actor
from crmcore.app import Crm
from crmcore.database import ids
from crmcore.entities import actions
from crmcore.entities.work import Work
from crmcore.testing.queries import assert_queries
from tests.http.conftest import client_of

READ = "{ tags { totalCount } customers { totalCount } }"


@dataclass
class Caller:
    """Somebody with a token, over HTTP."""

    crm: Crm
    client: httpx.AsyncClient
    user: UUID
    token: str

    async def ask(self, query: str = READ, **more: Any) -> httpx.Response:
        """Send an operation with the token."""
        return await self.client.post("/graphql", json={"query": query, **more}, headers=self.headers)

    async def change(self, unit: Any) -> None:
        """Do something in a transaction of somebody else."""
        await self.crm.run(Actor.system(), unit)

    async def ask_in_one_statement(self) -> None:
        """Send a query that is known, and fail unless it takes one statement."""
        with assert_queries(self.crm.database, 1):
            assert 200 == (await self.ask()).status_code

    @property
    def headers(self) -> dict[str, str]:
        """What shows who asks."""
        return {"authorization": f"Bearer {self.token}"}


@pytest.fixture
async def caller(crm: Crm) -> AsyncIterator[Caller]:
    """Somebody who may read, and who was seen already."""

    async def begin(work: Work) -> tuple[UUID, str]:
        await accounts.create_user(work, name="Another administrator", roles=["admin"])
        user = await accounts.create_user(work, name="Ada", roles=["admin"])
        issued = await tokens.issue(work, user["id"], "tests")
        return user["id"], str(issued.secret)

    user, token = await crm.run(Actor.system(), begin)
    async with client_of(crm) as client:
        made = Caller(crm, client, user, token)
        assert {"data": {"tags": {"totalCount": 0}, "customers": {"totalCount": 0}}} == (await made.ask()).json()
        await crm.actors.usage.settle()
        yield made


async def test_a_query_of_somebody_known_is_one_statement(caller: Caller) -> None:
    """Nobody is looked up apart from it."""
    await caller.ask_in_one_statement()


async def test_a_token_that_was_revoked_counts_no_more(caller: Caller) -> None:
    """With the very next request, whatever that asks, and although it was known."""
    await caller.change(lambda work: tokens.revoke_all(work.database, caller.user))
    for body in (
        {"query": READ},
        {"query": "{ __typename }"},
        {"query": "{ nothing"},
        {"documentId": "x"},
        {"query": 1},
    ):
        answer = await caller.client.post("/graphql", json=body, headers=caller.headers)
        assert (401, True) == (answer.status_code, "does not count" in answer.text)


async def test_a_token_of_somebody_who_is_not_active_counts_no_more(caller: Caller) -> None:
    """Deactivating a person ends what they hold."""
    await caller.change(lambda work: actions.update(work, "user", caller.user, {"is_active": False}))
    assert 401 == (await caller.ask()).status_code


async def test_a_token_ends_by_itself(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its end is kept with it."""
    issued = await caller.crm.run(
        Actor.system(),
        lambda work: tokens.issue(work, caller.user, "short", expires_at=work.now + timedelta(minutes=5)),
    )
    caller.token = str(issued.secret)
    assert 200 == (await caller.ask()).status_code
    await caller.crm.actors.usage.settle()
    await caller.ask_in_one_statement()
    later = clock.now() + timedelta(minutes=6)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert 401 == (await caller.ask()).status_code


async def test_a_token_that_was_revoked_counts_no_more_among_others_that_do(caller: Caller) -> None:
    """Requests that go out as one statement have each its own token confirmed."""
    issued = await caller.crm.run(Actor.system(), lambda work: tokens.issue(work, caller.user, "other"))
    kept = Caller(caller.crm, caller.client, caller.user, caller.token)
    caller.token = str(issued.secret)
    assert 200 == (await caller.ask()).status_code

    async def revoke(work: Work) -> None:
        await tokens.revoke(work.database, ids.parse(issued.id, "token"))

    await caller.change(revoke)
    both = await asyncio.gather(*(each.ask() for each in (kept, caller, kept, caller, kept)))
    assert [200, 401, 200, 401, 200] == [answer.status_code for answer in both]
    if caller.crm.database.dialect == "postgresql":  # so one with the revoked token at least was not alone
        assert caller.crm.database.watch.gathered >= 4


async def test_rights_that_changed_count_at_once(caller: Caller) -> None:
    """The answer that was read by the old ones is thrown away."""

    async def demote(work: Work) -> None:
        (held,) = await work.find("role_assignment", user_id=caller.user)
        await actions.destroy(work, "role_assignment", held["id"])

    await caller.change(demote)
    await caller.change(lambda work: actions.create(work, "tag", {"name": "x"}))
    assert {"totalCount": 0} == (await caller.ask()).json()["data"]["tags"]


async def test_a_name_that_changed_counts_at_once(caller: Caller) -> None:
    """Whoever writes is recorded under the name they have now."""
    await caller.change(lambda work: actions.update(work, "user", caller.user, {"name": "Ada Lovelace"}))
    answer = (await caller.ask("{ me { name } }")).json()
    assert {"data": {"me": {"name": "Ada Lovelace"}}} == answer
    written = await caller.ask('mutation { createTag(data: {name: "x"}) { ... on Tag { createdBy { label } } } }')
    assert {"label": "Ada Lovelace (tests)"} == written.json()["data"]["createTag"]["createdBy"]


async def test_nothing_is_written_on_the_ground_of_what_was_known(caller: Caller) -> None:
    """A mutation with a revoked token is refused, and with one that counts it is done once."""
    create = 'mutation { createTag(data: {name: "x"}) { __typename } }'
    assert {"data": {"createTag": {"__typename": "Tag"}}} == (await caller.ask(create)).json()
    await caller.change(lambda work: tokens.revoke_all(work.database, caller.user))
    assert 401 == (await caller.ask(create)).status_code
    assert 1 == await caller.crm.database.fetch_value("select count(*) from tag")


async def test_the_log_names_somebody_known(caller: Caller, caplog: pytest.LogCaptureFixture) -> None:
    """As it does whoever was looked up."""
    with caplog.at_level("INFO", "crmcore.http.request"):
        await caller.ask()
    token_id = await caller.crm.database.fetch_value("select id from crm_token")
    (told,) = (record for record in caplog.records if record.name == "crmcore.http.request")
    assert ids.encode("token", token_id) == vars(told)["request"]["actor"]


CREATE = "mutation Make($name: String!) { createTag(data: { name: $name }) { __typename ... on Tag { name createdBy { label } } } }"


async def test_a_mutation_of_somebody_known_looks_nobody_up(caller: Caller, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its transaction confirms who asks, and the use of the token is noted."""

    async def nobody(*_: Any) -> Actor:
        raise AssertionError("the transaction would have confirmed it")

    monkeypatch.setattr("crmcore.http.graphql.actor_of", nobody)
    for name in ("one", "two"):
        made = (await caller.ask(CREATE, variables={"name": name})).json()["data"]["createTag"]
        assert {"__typename": "Tag", "name": name, "createdBy": {"label": "Ada (tests)"}} == made
    refused = (await caller.ask(CREATE, variables={"name": "one"})).json()["data"]["createTag"]
    assert "Problem" == refused["__typename"]


async def test_nothing_is_written_for_a_token_that_was_revoked(caller: Caller) -> None:
    """Not even where many mutations are committed together."""
    await caller.ask(CREATE, variables={"name": "before"})
    await caller.change(lambda work: tokens.revoke_all(work.database, caller.user))
    answers = await asyncio.gather(*(caller.ask(CREATE, variables={"name": f"tag {n}"}) for n in range(5)))
    assert {401} == {answer.status_code for answer in answers}
    assert 1 == await caller.crm.database.fetch_value("select count(*) from tag")
    keyed = CREATE.replace("{ name: $name }", '{ name: $name }, idempotencyKey: "k"')
    assert 401 == (await caller.ask(keyed, variables={"name": "x"})).status_code
    assert 0 == await caller.crm.database.fetch_value("select count(*) from crm_idempotency_key")


async def test_who_counts_writes_beside_who_does_not(caller: Caller) -> None:
    """Of mutations that are ready at once those of a revoked token are refused, and the others written once each."""
    issued = await caller.crm.run(Actor.system(), lambda work: tokens.issue(work, caller.user, "other"))
    kept = Caller(caller.crm, caller.client, caller.user, caller.token)
    caller.token = str(issued.secret)
    for each in (kept, caller):
        await each.ask(CREATE, variables={"name": f"of {each.token[-6:]}"})
    await caller.change(lambda work: tokens.revoke(work.database, ids.parse(issued.id, "token")))
    asked = [(each, f"tag {n}") for n, each in enumerate((kept, caller) * 4)]
    answers = await asyncio.gather(*(each.ask(CREATE, variables={"name": name}) for each, name in asked))
    assert [200, 401] * 4 == [answer.status_code for answer in answers]
    rows = await caller.crm.database.fetch("select name from tag where name like 'tag %' order by name")
    assert [name for each, name in asked if each is kept] == [name for (name,) in rows]


async def test_rights_that_were_taken_do_not_write(caller: Caller) -> None:
    """What is refused is refused by the rights of now, and what is allowed is allowed by them."""

    async def demote(work: Work) -> None:
        (held,) = await work.find("role_assignment", user_id=caller.user)
        await actions.destroy(work, "role_assignment", held["id"])

    await caller.ask(CREATE, variables={"name": "before"})
    await caller.change(demote)
    told = (await caller.ask(CREATE, variables={"name": "after"})).json()["data"]["createTag"]
    assert "Problem" == told["__typename"]
    assert 1 == await caller.crm.database.fetch_value("select count(*) from tag")


async def test_several_mutations_of_one_request_are_of_one_actor(caller: Caller) -> None:
    """They are transactions of their own, so who asks is looked up before the first."""
    await caller.change(lambda work: tokens.revoke_all(work.database, caller.user))
    both = 'mutation { a: createTag(data: {name: "a"}) { __typename } b: createTag(data: {name: "b"}) { __typename } }'
    assert 401 == (await caller.ask(both)).status_code
    assert 0 == await caller.crm.database.fetch_value("select count(*) from tag")
