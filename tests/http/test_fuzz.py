"""Whatever bytes come, the answer is below 500 and JSON."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from crmcore.access.actor import Actor
from crmcore.access.first import issue_first_token
from crmcore.app import Crm
from crmcore.database import ids
from crmcore.graphql.requests.execute import execute
from crmcore.interchange.seed import seed
from crmcore.settings import Settings
from crmcore.testing.moulds import Mould
from tests.http.conftest import client_of
from tests.http.guesser import Guesser

FIXED = settings(max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])

Ask = Callable[[bytes], httpx.Response]

DOCUMENTS = st.sampled_from(
    [
        "query A($v: ID!) { node(id: $v) { id } }",
        "query A($v: [ID!]!) { nodes(ids: $v) { id } }",
        "query A($v: ID!) { customer(id: $v) { id displayName } }",
        "query A($v: Int) { customers(first: $v) { nodes { id } } }",
        "query A($v: String) { customers(after: $v) { nodes { id } } }",
        "query A($v: CustomerFilter) { customers(filter: $v) { nodes { id } totalCount } }",
        "query A($v: [CustomerOrder!]) { customers(orderBy: $v) { nodes { id } } }",
        "mutation A($v: CreateCustomerInput!) { createCustomer(data: $v) { __typename ... on Problem { code } } }",
        "mutation A($v: CreateDealInput!) { createDeal(data: $v) { __typename ... on Problem { code } } }",
    ]
)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=12,
)
FIELDS = st.sampled_from(["displayName", "kind", "id", "name", "amount", "currency", "eq", "in", "and", "field", "eq"])
INPUTS = st.recursive(JSON, lambda inner: st.dictionaries(FIELDS, inner, max_size=4) | st.lists(inner, max_size=3))


@pytest.fixture
def ask(crm_model: Crm, crm_mould: Callable[[str], Mould]) -> Iterator[Ask]:
    """A function that posts a body to a CRM on SQLite, as an administrator; one loop serves all examples."""
    with crm_mould("sqlite").copy("fuzz") as url, asyncio.Runner() as runner:
        crm = crm_model.like(Settings(database=url))
        client = runner.run(_begin(crm))
        yield lambda body: runner.run(client.post("/graphql", content=body))
        runner.run(_end(crm, client))


async def _begin(crm: Crm) -> httpx.AsyncClient:
    await crm.start()
    client = client_of(crm)
    token = await issue_first_token(crm)
    client.headers.update({"authorization": f"Bearer {token}", "content-type": "application/json"})
    client.headers["accept"] = "application/graphql-response+json"
    return client


async def _end(crm: Crm, client: httpx.AsyncClient) -> None:
    await client.aclose()
    await crm.stop()


def check(answer: httpx.Response) -> None:
    """The answer is JSON, has data or errors, and blames no bug."""
    body = json.loads(answer.content)
    assert answer.status_code < 500, answer.text
    assert "data" in body or body["errors"]
    assert "INTERNAL" not in answer.text


async def _ids(crm: Crm) -> dict[str, list[str]]:
    return {
        name: [ids.encode(name, row[0]) for row in await crm.database.fetch(f"select id from {kind.tablename} limit 5")]
        for name, kind in crm.entities.items()
    }


@pytest.mark.crm_settings(graphql={"max_fields": 5000, "max_tokens": 5000})
async def test_every_field_copes_with_odd_values(crm: Crm) -> None:
    """Each query and mutation of the API, with arguments of the right shape and odd values, is answered without a bug."""
    await seed(crm, size=10)
    guesser = Guesser(crm.schema.graphql, await _ids(crm), Random(7))
    broken = []
    for text, variables in guesser.operations(rounds=1):
        answer = await execute(crm, text, variables, None, Actor.system())
        if b'"code":"INTERNAL"' in answer.body or answer.status >= 500:
            broken.append((text, variables, answer.body))
    assert broken == []


@FIXED
@given(st.binary(max_size=300))
@example(b"\xef\xbb\xbf{}")
def test_bytes_never_break_it(ask: Ask, body: bytes) -> None:
    """Random bytes are a client's mistake."""
    check(ask(body))


@FIXED
@given(JSON)
def test_json_never_breaks_it(ask: Ask, body: Any) -> None:
    """Any JSON that is no operation is a client's mistake."""
    check(ask(json.dumps(body).encode()))


@FIXED
@given(st.fixed_dictionaries({"query": st.text(max_size=80) | JSON, "variables": JSON, "operationName": JSON}))
def test_operations_of_any_content_never_break_it(ask: Ask, body: Any) -> None:
    """The right members with any values."""
    check(ask(json.dumps(body).encode()))


@FIXED
@given(DOCUMENTS, JSON | INPUTS)
@example("query A($v: ID!) { node(id: $v) { id } }", "customer_" + "0" * 36)
@example("query A($v: Int) { customers(first: $v) { nodes { id } } }", 2**31 - 1)
@example("query A($v: Int) { customers(first: $v) { nodes { id } } }", -1)
@example("query A($v: ID!) { customer(id: $v) { id displayName } }", "\x00")
@example(
    "query A($v: CustomerFilter) { customers(filter: $v) { nodes { id } totalCount } }",
    {"displayName": {"contains": "\x00\\%_"}},
)
def test_variables_never_break_it(ask: Ask, text: str, value: Any) -> None:
    """Valid documents with any variables: errors and problems, no bug."""
    check(ask(json.dumps({"query": text, "variables": {"v": value}}).encode()))
