"""The whole way: HTTP, sign-in, GraphQL and database together."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import httpx
import pytest

from crmcore import clock
from crmcore.access import accounts, tokens
from crmcore.access.actor import Actor
from crmcore.app import Crm
from crmcore.entities.work import Work
from tests.http.conftest import client_of

PASSWORD = "correct horse battery staple"
ME = {"query": "{ me { name } }"}
RESPONSE_JSON = {"accept": "application/graphql-response+json"}


@pytest.fixture
async def token(crm: Crm) -> str:
    """A token of somebody who may do everything and has a password."""

    async def unit(work: Work) -> str:
        ada = await accounts.create_user(
            work, name="Ada Lovelace", email="ada@example.com", password=PASSWORD, roles=("admin",)
        )
        return str((await tokens.issue(work, ada["id"], "test")).secret)

    return await crm.run(Actor.system(), unit)


@pytest.fixture
async def client(crm: Crm) -> AsyncIterator[httpx.AsyncClient]:
    """A client that has not signed in."""
    async with client_of(crm) as client:
        yield client


async def ask(client: httpx.AsyncClient, body: Any = ME, **headers: str) -> httpx.Response:
    return await client.post("/graphql", json=body, headers=headers)


async def test_a_password_opens_a_session_until_signing_out(client: httpx.AsyncClient, token: str) -> None:
    """Sign in, ask, sign out, be refused."""
    signed_in = await client.post("/auth/sign-in", json={"email": "Ada@example.com", "password": PASSWORD})
    asked = await ask(client)
    secret = client.cookies["crm_session"]
    await client.post("/auth/sign-out")
    refused = [await ask(client), await ask(client, cookie=f"crm_session={secret}")]
    assert (signed_in.status_code, asked.json()["data"]) == (200, {"me": {"name": "Ada Lovelace"}})
    assert [answer.status_code for answer in refused] == [401, 401]


async def test_a_token_opens_a_session_as_narrow_as_itself(client: httpx.AsyncClient, token: str) -> None:
    """The page takes a token; what acts afterwards is that token."""
    await client.post("/auth/sign-in", data={"token": token})
    answer = await ask(
        client, {"query": 'mutation { createTag(data: {name: "x"}) { ... on Tag { createdBy { label } } } }'}
    )
    assert answer.json()["data"]["createTag"]["createdBy"]["label"] == "Ada Lovelace (test)"


@pytest.mark.parametrize("given", [{"email": "ada@example.com", "password": "wrong"}, {"token": "crm_wrong"}])
async def test_what_does_not_count_opens_nothing(client: httpx.AsyncClient, token: str, given: dict[str, str]) -> None:
    """401 and no cookie."""
    answer = await client.post("/auth/sign-in", json=given)
    assert (answer.status_code, "set-cookie" in answer.headers) == (401, False)


async def test_guessing_is_slowed_down(client: httpx.AsyncClient, token: str) -> None:
    """After some wrong passwords even the right one is told to wait."""
    codes = set()
    for _ in range(30):
        codes.add((await client.post("/auth/sign-in", json={"email": "ada@example.com", "password": "x"})).status_code)
    right = await client.post("/auth/sign-in", json={"email": "ada@example.com", "password": PASSWORD})
    assert (codes, right.status_code) == ({401, 429}, 429)


async def test_a_session_ends_by_itself(client: httpx.AsyncClient, token: str) -> None:
    """Idle long enough, it no longer counts."""
    await client.post("/auth/sign-in", json={"email": "ada@example.com", "password": PASSWORD})
    later = clock.now() + timedelta(days=60)
    with clock.at(lambda: later):
        answer = await ask(client)
    assert answer.status_code == 401


@pytest.mark.parametrize("authorization", ["Bearer crm_nonsense", "Basic YTpi", "Bearer", "bearer  ", "\xff"])
async def test_a_token_that_does_not_count_is_refused(client: httpx.AsyncClient, authorization: str) -> None:
    """401 with the challenge, whatever the header holds."""
    headers = [(b"authorization", authorization.encode("latin-1"))]
    answer = await client.post("/graphql", json=ME, headers=headers)
    assert (answer.status_code, answer.headers["www-authenticate"]) == (401, 'Bearer realm="crmcore"')


@pytest.mark.parametrize(
    "body",
    [
        {"query": "{"},
        {"query": "{ nonsense }"},
        {"query": ""},
        {"query": "query($id: ID!) { node(id: $id) { id } }"},
        {"query": "query($n: Int) { customers(first: $n) { totalCount } }", "variables": {"n": "many"}},
        {"query": "query A { me { name } } query B { me { name } }"},
        {"query": "query A { me { name } }", "operationName": "B"},
        {"query": "{ " + " ".join(f"a{n}: me {{ name }}" for n in range(400)) + " }"},
        {"query": "{ me { name } } #" + "x" * 100_000, "operationName": "x"},
    ],
)
async def test_a_request_error_has_no_data(client: httpx.AsyncClient, token: str, body: dict[str, Any]) -> None:
    """400 in the new media type, 200 in the old one, and no key `data` in either (specification, 6.4)."""
    new = await ask(client, body, authorization=f"Bearer {token}", **RESPONSE_JSON)
    old = await ask(client, body, authorization=f"Bearer {token}")
    assert (new.status_code, old.status_code) == (400, 200)
    assert [sorted(answer.json()) for answer in (new, old)] == [["errors"], ["errors"]]


async def test_a_mutation_by_get_changes_nothing(crm: Crm, client: httpx.AsyncClient, token: str) -> None:
    """405, and nothing was written."""
    query = 'mutation { createTag(data: {name: "by GET"}) { __typename } }'
    answer = await client.get("/graphql", params={"query": query}, headers={"authorization": f"Bearer {token}"})
    assert (answer.status_code, await crm.database.fetch_value("select count(*) from tag")) == (405, 0)


async def test_readiness_follows_the_database(crm: Crm, client: httpx.AsyncClient) -> None:
    """Ready while the database answers, not ready once it is gone."""
    ready = await client.get("/ready")
    await crm.database.close()
    gone = await client.get("/ready")
    assert (ready.status_code, gone.status_code) == (200, 503)
