"""A purpose that a client declares leaves it less to see, over HTTP as in a program; one that nobody knows is refused."""

from __future__ import annotations

from collections.abc import AsyncIterator
from types import ModuleType

import httpx
import pytest

from crmcore.access import accounts, tokens
from crmcore.access.explain import explain
from crmcore.access.purposes import for_purpose
from crmcore.entities.work import Work
from crmcore.errors import Invalid, NotFound
from crmcore.testing import TestCrm
from tests.http.conftest import client_of
from tests.plugins import with_purpose

READ = "{ customers { totalCount nodes { displayName deals { totalCount } } } }"


@pytest.fixture(scope="session")
def crm_plugins() -> list[ModuleType]:
    """The plugin that knows a purpose."""
    return [with_purpose]


@pytest.fixture
async def client(crm: TestCrm) -> AsyncIterator[httpx.AsyncClient]:
    """An administrator over HTTP; there are two customers, one with a website."""
    await crm.make("customer", kind="ORGANIZATION", display_name="Acme", website="https://acme.example")
    await crm.make("customer", kind="ORGANIZATION", display_name="Dark")

    async def begin(work: Work) -> str:
        user = await accounts.create_user(work, name="Ada", roles=["admin"])
        return str((await tokens.issue(work, user["id"], "tests")).secret)

    token = await crm.run(await crm.actor(None), begin)
    async with client_of(crm) as client:
        client.headers["authorization"] = f"Bearer {token}"
        yield client


async def test_a_declared_purpose_narrows_what_an_administrator_reads(client: httpx.AsyncClient) -> None:
    """The same request with the header gives fewer records, and those without it are as before."""
    counts = []
    for headers in ({}, {"crm-purpose": "mail"}, {}):
        answer = await client.post("/graphql", json={"query": READ}, headers=headers)
        counts.append(answer.json()["data"]["customers"]["totalCount"])

    assert [2, 1, 2] == counts


@pytest.mark.parametrize(("purpose", "status", "code"), [("bread", 400, "VALIDATION"), ("espionage", 403, "FORBIDDEN")])
async def test_a_purpose_that_does_not_count_is_refused(
    client: httpx.AsyncClient, purpose: str, status: int, code: str
) -> None:
    """An unknown one by the core, with the way out; another as the plugin says."""
    answer = await client.post("/graphql", json={"query": READ}, headers={"crm-purpose": purpose})

    assert (status, code) == (answer.status_code, answer.json()["errors"][0]["extensions"]["code"])


async def test_a_program_declares_it_too(crm: TestCrm) -> None:
    """`for_purpose` gives the actor who may do less; writing by them is narrowed as reading is."""
    acme = await crm.make("customer", kind="ORGANIZATION", display_name="Acme")
    admin = await crm.actor("admin")
    mailing = await for_purpose(crm, admin, "mail")

    assert acme["id"] == (await crm.run(admin, lambda work: work.get("customer", acme["id"])))["id"]
    with pytest.raises(NotFound):
        await crm.run(mailing, lambda work: work.get("customer", acme["id"], action="update"))
    with pytest.raises(Invalid):
        await for_purpose(crm, admin, "bread")


async def test_what_is_kept_back_is_explained_to_an_administrator(crm: TestCrm) -> None:
    """That a record is there and is kept back is told, by the sentence and by the word for programs."""
    acme = await crm.make("customer", kind="ORGANIZATION", display_name="Acme")
    mailing = await for_purpose(crm, await crm.actor("admin"), "mail")
    told = await explain(crm.database, crm.entities, mailing, "customer", acme["id"], "read")

    assert (False, "narrowed") == (told.allowed, told.rule)
