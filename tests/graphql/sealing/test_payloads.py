"""Sealed values where answers are more than a query's: payloads, refusals, explanations."""

from __future__ import annotations

from typing import Any

import pytest

from crmcore.access.actor import Actor
from crmcore.errors import Forbidden
from tests.graphql.sealing.conftest import TOY, People, key


async def test_a_seal_that_refuses_makes_its_fields_null_and_no_others(
    people: People, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With an error at each; what may not be null takes the record with it, as anywhere."""

    async def refuse(*_: Any, **__: Any) -> Any:
        msg = "Reading this needs a purpose."
        raise Forbidden(msg)

    monkeypatch.setattr(TOY.seals["customer"], "open", refuse)
    text = "query ($id: ID!) { customer(id: $id) { status givenName greeting contactPoints { totalCount } } }"
    answer = await people.crm.execute(text, {"id": key(people.ids["Ana"])})
    shown = {"status": "ACTIVE", "givenName": None, "greeting": None, "contactPoints": {"totalCount": 0}}
    assert {"customer": shown} == answer["data"]
    assert [["customer", "givenName"], ["customer", "greeting"]] == sorted(error["path"] for error in answer["errors"])
    assert {"FORBIDDEN"} == {error["extensions"]["code"] for error in answer["errors"]}
    answer = await people.crm.execute("{ customers(first: 1) { edges { node { displayName } } } }")
    assert answer["data"] is None
    assert ["customers", "edges", 0, "node", "displayName"] == answer["errors"][0]["path"]


async def test_a_payload_is_filtered_and_opened(people: People) -> None:
    """What a mutation shows of records may look up sealed values too; a refusal is its field's own."""
    for value in ("a@example.com", "b@example.com"):
        await people.crm.make("contact_point", customer_id=people.ids["Ana"], type="EMAIL", value=value)
    text = """mutation ($id: ID!, $value: String!) { updateCustomer(id: $id, data: {department: "x"}) { ... on Customer {
        givenName contactPoints(filter: {value: {startsWith: $value}}) { nodes { value } } } } }"""
    shown = (await people.ask(text, {"id": key(people.ids["Ana"]), "value": "b"}))["updateCustomer"]
    assert {"givenName": "Ana", "contactPoints": {"nodes": [{"value": "b@example.com"}]}} == shown
    refusal = await people.refusal(text, {"id": key(people.ids["Ana"]), "value": ""})
    assert ("EMPTY_PREFIX", ["updateCustomer", "contactPoints"]) == (refusal["code"], refusal["path"])


async def test_a_statement_is_explained_without_looking_anything_up(people: People) -> None:
    """What would be looked up stands where its ids would."""
    crm = people.crm
    operation = crm.documents.get('{ customers(filter: {givenName: {eq: "Ana"}}) { nodes { givenName } } }')
    explained = crm.planner.explain(operation, {}, Actor.system())
    assert ["Ana"] in explained.parameters
    assert "given_name" in explained.sql
    assert [] == TOY.seals["customer"].opened
