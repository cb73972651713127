"""Look-ups of values that one record has: the statement that reads the record finds it, and what it found is opened."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from crmcore_compliance.keys import Keyring
from crmcore_compliance.sealing import known
from crmcore_compliance.sealing.indexes import BlindIndex
from crmcore_compliance.sealing.within import TokenLookup
from crmcore_compliance.state import Compliance
from sealed_acts import create

from crmcore import ids
from crmcore.testing import TestCrm

#: What is found stands beside the answer, since it is counted; or the answer shows all that it says something of.
COUNT = "query ($value: String!) { contactPoints(filter: {value: {eq: $value}}) { totalCount nodes { value } } }"
SHOW = "query ($value: String!) { contactPoints(filter: {value: {eq: $value}}) { nodes { value } } }"
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
    for text in (COUNT, SHOW):
        await crm.execute(text, {"value": "warm@example.com"})
    return person["id"]


async def _found(crm: TestCrm, text: str, value: str, statements: int) -> list[str]:
    with crm.assert_queries(statements):
        answer = await crm.execute(text, {"value": value})
    assert "errors" not in answer, answer
    page = answer["data"]["contactPoints"]
    values = [node["value"] for node in page["nodes"]]
    assert len(values) == page.get("totalCount", len(values))
    return values


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


@pytest.mark.parametrize("text", [COUNT, SHOW])
async def test_one_statement_finds_and_reads(crm: TestCrm, text: str) -> None:
    """By the normal form, as ever."""
    await _reached(crm, "ana@example.com", "bob@example.com")
    assert ["ana@example.com"] == await _found(crm, text, "Ana@EXAMPLE.com", 1)
    assert [] == await _found(crm, text, "nobody@example.com", 1)


@pytest.mark.parametrize("text", [COUNT, SHOW])
async def test_a_token_that_two_values_share_finds_neither_too_much(
    crm: TestCrm, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    """Then the values are opened before, and each that is not meant is left out."""
    monkeypatch.setattr(BlindIndex, "token", lambda _index, _form: 7)
    await _reached(crm, "ana@example.com", "bob@example.com")
    assert ["ana@example.com"] == await _found(crm, text, "ana@example.com", 3)


async def test_what_is_not_shown_need_not_be_right(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where another condition leaves out what a token found too much, the answer shows nothing that was not compared."""
    monkeypatch.setattr(BlindIndex, "token", lambda _index, _form: 7)
    await _reached(crm, "ana@example.com")
    await _reached(crm, "bob@example.com")
    ((whose,),) = await crm.database.fetch("select customer_id from contact_point order by id limit 1")
    text = SHOW.replace("filter: {", f'filter: {{customerId: {{eq: "{ids.encode("customer", whose)}"}}, ')
    await crm.execute(text, {"value": "warm@example.com"})
    assert ["ana@example.com"] == await _found(crm, text, "ana@example.com", 1)
    assert [] == await _found(crm, text, "bob@example.com", 3)


@pytest.mark.parametrize("text", [COUNT, SHOW])
async def test_a_token_that_was_written_twice_finds_its_record_once(crm: TestCrm, text: str) -> None:
    """Whoever fills an index beside those who write records may do so."""
    await _reached(crm, "ana@example.com")
    await _same_token(crm)
    assert ["ana@example.com"] == await _found(crm, text, "ana@example.com", 1)


async def test_a_token_of_a_record_that_is_gone_hides_no_other(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Neither where the statement finds both, nor where so many tokens are too many for it; an answer that shows it shows no token."""
    await _reached(crm, "ana@example.com")
    for most in (20, 1):
        monkeypatch.setattr(TokenLookup, "most", most)
        await _same_token(crm, UUID(int=most))
        assert ["ana@example.com"] == await _found(crm, COUNT, "ana@example.com", 3)
        assert ["ana@example.com"] == await _found(crm, SHOW, "ana@example.com", 1)


async def test_so_many_are_looked_up_before(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> None:
    """What a statement finds beside its answer is little."""
    monkeypatch.setattr(TokenLookup, "most", 0)
    await _reached(crm, "ana@example.com")
    assert ["ana@example.com"] == await _found(crm, COUNT, "ana@example.com", 3)


async def test_so_many_are_shown(crm: TestCrm) -> None:
    """Though they are more than a statement may find beside its answer."""
    for _ in range(TokenLookup.most + 5):
        await _reached(crm, "ana@example.com")
    text = SHOW.replace("filter", "first: 100, filter")
    await crm.execute(text, {"value": "warm@example.com"})
    assert ["ana@example.com"] * (TokenLookup.most + 5) == await _found(crm, text, "ana@example.com", 1)


async def test_values_that_many_have_are_opened_before(crm: TestCrm) -> None:
    """Their tokens are cut short so that several values share one."""
    await _reached(crm)
    await _reached(crm)
    seal = crm.entities["customer"].seal
    assert seal is not None
    assert seal.lookup("family_name", crm.database.dialect, several=False) is None
    assert {"customers": {"totalCount": 2}} == (await crm.execute(WHO))["data"]


@pytest.mark.parametrize("text", [COUNT, SHOW])
async def test_nobody_who_was_erased_is_found(crm: TestCrm, compliance: Compliance, text: str) -> None:
    """Their tokens may be there still when their key is gone."""
    person = await _reached(crm, "ana@example.com")
    other = await Keyring.open(compliance.settings)
    await other.destroy(person)
    await other.close()
    # Its key is in memory still, and a second later nobody goes by that.
    compliance.keyring._cache._fresh = 0.0
    assert [] == await _found(crm, text, "ana@example.com", 3)
    compliance.keyring._cache.clear()
    assert [] == await _found(crm, text, "ana@example.com", 3)
