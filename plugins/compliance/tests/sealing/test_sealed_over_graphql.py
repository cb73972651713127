"""Sealed fields as clients see them: read, ordered, filtered, through relations, and as they were."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sealed_acts import create

from crmcore import clock, ids, instants
from crmcore.testing import TestCrm

LISTS = """{
    all: customers(orderBy: [{field: FAMILY_NAME}]) { nodes { familyName birthDate addresses { nodes { latitude } } } }
    found: customers(filter: {familyName: {eq: "SOUSA"}}) { totalCount nodes { familyName } }
    born: customers(filter: {birthDate: {in: ["1990-01-02"]}}) { totalCount nodes { familyName } }
    others: customers(filter: {familyName: {ne: "Sousa"}}) { totalCount }
    mail: customers(filter: {contactPoints: {some: {value: {eq: "ANA@example.com"}}}}) { nodes { familyName } }
}"""
CHANGE = """mutation ($id: ID!) {
    updateCustomer(id: $id, data: {familyName: "X", birthDate: null}) { ... on Customer { familyName } }
}"""
THEN = "query ($id: ID!, $at: DateTime) { customer(id: $id, asOf: $at) { familyName birthDate } }"


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """Names, days, numbers, and how people are reached."""
    return (
        "customer.displayName",
        "customer.familyName",
        "customer.birthDate",
        "contactPoint.value",
        "address.latitude",
    )


async def _ask(crm: TestCrm, text: str, variables: Any = None) -> Any:
    answer = await crm.execute(text, variables)
    assert "errors" not in answer, answer
    return answer["data"]


async def _ana(crm: TestCrm) -> str:
    ana = {"given_name": "Ana", "family_name": "Sousa", "birth_date": date(1984, 5, 6)}
    id = (await create(crm, "customer", kind="PERSON", **ana))["id"]
    await create(crm, "contact_point", customer_id=id, type="EMAIL", value="ana@example.com")
    await create(crm, "address", customer_id=id, type="HOME", latitude=38.72, longitude=-9.5)
    return ids.encode("customer", id)


async def test_lists_are_read_ordered_and_filtered(crm: TestCrm) -> None:
    """Counts and pages are those of the records that match, by the normal form; order is by the values."""
    await _ana(crm)
    await create(crm, "customer", kind="PERSON", given_name="Bob", family_name="adams", birth_date=date(1990, 1, 2))
    data = await _ask(crm, LISTS)
    assert ["adams", "Sousa"] == [node["familyName"] for node in data["all"]["nodes"]]
    assert [{"latitude": 38.72}] == data["all"]["nodes"][1]["addresses"]["nodes"]
    assert {"totalCount": 1, "nodes": [{"familyName": "Sousa"}]} == data["found"]
    assert {"totalCount": 1, "nodes": [{"familyName": "adams"}]} == data["born"]
    assert {"totalCount": 1} == data["others"]
    assert [{"familyName": "Sousa"}] == data["mail"]["nodes"]


async def test_what_was_is_read_as_it_was(crm: TestCrm) -> None:
    """`asOf` opens what the feed keeps."""
    id = await _ana(crm)
    then = instants.wire(clock.now())
    crm.clock.move(seconds=5)
    await _ask(crm, CHANGE, {"id": id})
    data = await _ask(crm, THEN, {"id": id, "at": then})
    assert {"familyName": "Sousa", "birthDate": "1984-05-06"} == data["customer"]
