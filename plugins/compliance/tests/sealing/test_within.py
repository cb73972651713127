"""Look-ups of values that one record has: the statement that reads the record finds it, and what it found is opened."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from crmcore_compliance.keys import Keyring
from crmcore_compliance.sealing import known, within
from crmcore_compliance.sealing.indexes import BlindIndex
from crmcore_compliance.state import Compliance
from sealed_acts import create

from crmcore import ids
from crmcore.testing import TestCrm

FIND = "query ($value: String!) { contactPoints(filter: {value: {eq: $value}}) { nodes { value } } }"
WHO = '{ customers(filter: {familyName: {eq: "Sousa"}}) { totalCount } }'


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """How people are reached, which one of them has, and their names, which many have."""
    return ("contactPoint.value", "customer.familyName")


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody looks meanwhile what is sealed, or a slow machine would count statements of that."""
    monkeypatch.setattr(known, "FRESH", 3600.0)


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


async def _same_token(crm: TestCrm, record: UUID | None = None) -> None:
    """Write the token of the only contact point once more, for it or for a record that is not there."""
    ((number, token, own, person),) = await crm.database.fetch(
        "select k.number, k.token, k.record_id, k.subject_id "
        "from compliance_token k join contact_point t on t.id = k.record_id"
    )
    await crm.database.execute(
        "insert into compliance_token (id, number, token, record_id, subject_id) values ($1, $2, $3, $4, $5)",
        ids.new(),
        number,
        token,
        record or own,
        person,
    )


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


async def test_a_token_that_was_written_twice_finds_its_record_once(crm: TestCrm) -> None:
    """Whoever fills an index beside those who write records may do so."""
    await _reached(crm, "ana@example.com")
    await _same_token(crm)
    assert ["ana@example.com"] == await _found(crm, "ana@example.com", 1)


async def test_a_token_of_a_record_that_is_gone_hides_no_other(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither where the statement finds both, nor where so many tokens are too many for it."""
    await _reached(crm, "ana@example.com")
    for most in (20, 1):
        monkeypatch.setattr(within, "_MOST", most)
        await _same_token(crm, UUID(int=most))
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
