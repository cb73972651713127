"""Over HTTP: queries are read from the replica, and whoever writes reads what was written."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from itertools import count
from typing import Any

import httpx
import pytest

from crmcore.access.actor import Access, Actor
from crmcore.app import Crm
from crmcore.database import Database
from crmcore.database.replica import Replica
from crmcore.testing.moulds import Mould
from tests.http.conftest import client_of
from tests.http.test_metrics import let_in

_numbers = count(1)
CREATE = {"query": 'mutation { createTag(data: {name: "new"}) { ... on Tag { name } } }'}
LIST = {"query": "{ tags { nodes { name } } }"}


@pytest.fixture
async def replicated(
    crm: Crm, crm_mould: Callable[[str], Mould], crm_dialect: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Crm]:
    """A CRM whose replica has heard of nothing yet."""
    let_in(monkeypatch, Access(everything=True))
    with crm_mould(crm_dialect).copy(f"http_replica_{next(_numbers)}") as url:
        copy = Database.from_url(url)
        crm.database.replica = Replica(crm.database, copy)
        yield crm
        await copy.close()
        crm.database.replica = None


async def names(client: httpx.AsyncClient) -> list[str]:
    """The names that a query finds."""
    answer: dict[str, Any] = (await client.post("/graphql", json=LIST)).json()
    return [node["name"] for node in answer["data"]["tags"]["nodes"]]


async def test_a_mutation_answers_what_it_wrote_and_a_query_what_the_replica_has(replicated: Crm) -> None:
    """The replica is behind, and the request that wrote does not notice."""
    async with client_of(replicated) as client:
        written = (await client.post("/graphql", json=CREATE)).json()
        assert {"createTag": {"name": "new"}} == written["data"]
        assert [] == await names(client)


async def test_without_its_replica_a_server_answers_from_the_database(replicated: Crm) -> None:
    """A connection that is lost is no error to a client."""
    async with client_of(replicated) as client:
        await client.post("/graphql", json=CREATE)
        replica = replicated.database.replica
        assert replica is not None
        await replica.close()
        assert ["new"] == await names(client)


async def test_a_program_reads_the_database(replicated: Crm) -> None:
    """It is no request, and would not see what it has just written."""
    await replicated.execute(CREATE["query"], actor=Actor.system())
    read = await replicated.execute(LIST["query"], actor=Actor.system())
    assert [{"name": "new"}] == read["data"]["tags"]["nodes"]
