"""Finding records by sealed fields: as exact as by plain ones, and by the normal form of the field."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest
from sealed_acts import create, get, update

from crmcore import Actor, actions, errors
from crmcore.testing import TestCrm


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """Names, a day, and how people are reached."""
    return ("customer.familyName", "customer.birthDate", "contactPoint.value", "contactPoint.normalized")


async def _find(crm: TestCrm, column: str, *values: Any, entity: str = "customer") -> list[Any]:
    seal = crm.entities[entity].seal
    assert seal is not None
    return await seal.find(crm.database, column, values)


async def _person(crm: TestCrm, **values: Any) -> Any:
    return (await create(crm, "customer", kind="PERSON", given_name="A", **values))["id"]


async def test_a_value_is_found_by_its_normal_form(crm: TestCrm) -> None:
    """Names without regard to case and width; several at once; days exactly."""
    roe = await _person(crm, family_name="Müller", birth_date=date(1990, 2, 28))
    li = await _person(crm, family_name="李")
    assert [roe] == await _find(crm, "family_name", "MÜLLER")
    assert {roe, li} == set(await _find(crm, "family_name", "müller", "李", "nobody"))
    assert [roe] == await _find(crm, "birth_date", date(1990, 2, 28))
    assert [] == await _find(crm, "birth_date", date(1990, 3, 1))
    assert [] == await _find(crm, "family_name")


async def test_numbers_and_addresses_are_found_however_they_are_written(crm: TestCrm) -> None:
    """A contact point is found as a number or as an e-mail address, whichever it is."""
    id = await _person(crm)
    mobile = await create(crm, "contact_point", customer_id=id, type="MOBILE", value="+86 138 1234 5678")
    email = await create(crm, "contact_point", customer_id=id, type="EMAIL", value="Ana@Example.com")
    assert [mobile["id"]] == await _find(crm, "value", "+86-138-1234-5678", entity="contact_point")
    assert [email["id"]] == await _find(crm, "value", "ana@EXAMPLE.com", entity="contact_point")


async def test_a_token_alone_finds_nothing(crm: TestCrm) -> None:
    """Every hit is opened and compared: a token under a record that has another value does not make it one."""
    one, two = await _person(crm, family_name="Roe"), await _person(crm, family_name="Doe")
    await crm.database.execute(
        "update compliance_token set token = (select k.token from compliance_token k where k.record_id = $1 "
        "and k.number = compliance_token.number) where record_id = $2",
        one,
        two,
    )
    assert [one] == await _find(crm, "family_name", "Roe")


async def test_tokens_follow_the_value(crm: TestCrm) -> None:
    """After a change the old value finds nothing; a destroyed record leaves no token, a deleted one keeps them."""
    id = await _person(crm, family_name="Roe")
    await update(crm, "customer", id, family_name="Doe")
    assert [] == await _find(crm, "family_name", "Roe")
    assert [id] == await _find(crm, "family_name", "Doe")
    await crm.run(Actor.system("test"), lambda work: actions.delete(work, "customer", id))
    assert [id] == await _find(crm, "family_name", "Doe")
    await crm.run(Actor.system("test"), lambda work: actions.destroy(work, "customer", id))
    assert 0 == await crm.database.fetch_value("select count(*) from compliance_token")


async def test_tokens_are_not_values_and_say_whose_they_are(crm: TestCrm) -> None:
    """Equal values have equal tokens in one index and others in another; each names the subject it goes with."""
    id = await _person(crm, family_name="Roe")
    point = await create(crm, "contact_point", customer_id=id, type="MESSENGER", platform="x", value="Roe")
    rows = await crm.database.fetch("select number, token, record_id, subject_id from compliance_token")
    assert len(rows) == len({token for _, token, _, _ in rows})
    assert {(id, id), (point["id"], id)} == {(record, subject) for _, _, record, subject in rows}


@pytest.mark.parametrize("compliance_settings", [{"matches": 3}])
async def test_too_many_matches_are_refused(crm: TestCrm) -> None:
    """Opening very many records for one look-up is refused, with the way out."""
    for _ in range(4):
        await _person(crm, family_name="王")
    with pytest.raises(errors.Invalid, match="More than 3 records") as refused:
        await _find(crm, "family_name", "王")
    assert ["TOO_MANY_MATCHES"] == [violation.code for violation in refused.value.violations]


async def test_a_unique_key_stays_unique(crm: TestCrm) -> None:
    """Two ciphertexts of one value differ, and still a customer has an address once; a deleted one frees it."""
    id, other = await _person(crm), await _person(crm)
    values = {"customer_id": id, "type": "EMAIL", "value": "ana@example.com"}
    first = await create(crm, "contact_point", **values)
    with pytest.raises(errors.Duplicate):
        await create(crm, "contact_point", **{**values, "value": "ANA@example.com"})
    await create(crm, "contact_point", **{**values, "customer_id": other})
    await crm.run(Actor.system("test"), lambda work: actions.delete(work, "contact_point", first["id"]))
    second = await create(crm, "contact_point", **values)
    with pytest.raises(errors.Duplicate):
        await crm.run(Actor.system("test"), lambda work: actions.restore(work, "contact_point", first["id"]))
    await update(crm, "contact_point", second["id"], value="eve@example.com")
    await crm.run(Actor.system("test"), lambda work: actions.restore(work, "contact_point", first["id"]))
    assert "ana@example.com" == (await get(crm, "contact_point", first["id"]))["value"]


async def test_upsert_finds_by_a_sealed_key(crm: TestCrm) -> None:
    """A key that has a sealed column finds the record that is there, and makes none beside it."""
    id = await _person(crm)
    values = {"customer_id": id, "type": "EMAIL", "value": "ana@example.com"}
    first = await create(crm, "contact_point", **values)

    async def upsert(work: Any) -> Any:
        return await actions.upsert(work, "contact_point", {**values, "label": "home"}, on="VALUE")

    await crm.run(Actor.system("test"), upsert)
    assert "home" == (await get(crm, "contact_point", first["id"]))["label"]
    assert 1 == await crm.database.fetch_value("select count(*) from contact_point")
