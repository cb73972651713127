"""Look-ups of values that one record has: the statement that reads the record finds it, and what it found is opened."""

from __future__ import annotations

from typing import Any

import pytest
from crmcore_compliance.keys import Keyring
from crmcore_compliance.sealing import within
from crmcore_compliance.sealing.indexes import BlindIndex
from crmcore_compliance.state import Compliance
from sealed_acts import create

from crmcore.testing import TestCrm

FIND = "query ($value: String!) { contactPoints(filter: {value: {eq: $value}}) { nodes { value } } }"
WHO = '{ customers(filter: {familyName: {eq: "Sousa"}}) { totalCount } }'


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """How people are reached, which one of them has, and their names, which many have."""
    return ("contactPoint.value", "customer.familyName")


async def _reached(crm: TestCrm, *values: str) -> Any:
    person = await create(crm, "customer", kind="PERSON", given_name="Ana", family_name="Sousa")
    for value in values:
        await create(crm, "contact_point", customer_id=person["id"], type="EMAIL", value=value)
    await crm.execute(FIND, {"value": "warm@example.com"})
    return person["id"]


async def _found(crm: TestCrm, value: str, statements: int) -> list[str]:
    with crm.assert_queries(statements):
        answer = await crm.execute(FIND, {"value": value})
    assert "errors" not in answer, answer
    return [node["value"] for node in answer["data"]["contactPoints"]["nodes"]]


async def test_one_statement_finds_and_reads(crm: TestCrm) -> None:
    """By the normal form, as ever."""
    await _reached(crm, "ana@example.com", "bob@example.com")
    assert ["ana@example.com"] == await _found(crm, "Ana@EXAMPLE.com", 1)
    assert [] == await _found(crm, "nobody@example.com", 1)


async def test_a_token_that_two_values_share_finds_neither_too_much(
    crm: TestCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Then the values are opened before, and each that is not meant is left out."""
    monkeypatch.setattr(BlindIndex, "token", lambda _index, _form: 7)
    await _reached(crm, "ana@example.com", "bob@example.com")
    assert ["ana@example.com"] == await _found(crm, "ana@example.com", 3)


async def test_so_many_are_looked_up_before(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a statement finds itself is little."""
    monkeypatch.setattr(within, "_MOST", 0)
    await _reached(crm, "ana@example.com")
    assert ["ana@example.com"] == await _found(crm, "ana@example.com", 3)


async def test_values_that_many_have_are_opened_before(crm: TestCrm) -> None:
    """Their tokens are cut short so that several values share one."""
    await _reached(crm)
    await _reached(crm)
    seal = crm.entities["customer"].seal
    assert seal is not None
    assert seal.lookup("family_name", crm.database.dialect, several=False) is None
    assert {"customers": {"totalCount": 2}} == (await crm.execute(WHO))["data"]


async def test_nobody_who_was_erased_is_found(crm: TestCrm, compliance: Compliance) -> None:
    """Their tokens may be there still when their key is gone."""
    person = await _reached(crm, "ana@example.com")
    other = await Keyring.open(compliance.settings)
    await other.destroy(person)
    await other.close()
    compliance.keyring._cache.clear()
    assert [] == await _found(crm, "ana@example.com", 3)
