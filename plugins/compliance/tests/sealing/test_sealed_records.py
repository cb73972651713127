"""Records with sealed fields: what the table holds, what is read back, and what is refused."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import pytest
from crmcore_compliance.sealing.entity_seal import EntitySeal
from sealed_acts import create, get, raw, update

from crmcore import errors, sealing
from crmcore.testing import TestCrm

SEALED = ("familyName", "birthDate", "gender", "description", "customFields")
VALUES: dict[str, Any] = {
    "kind": "PERSON",
    "given_name": "Ana",
    "family_name": "李 O'Neil",
    "birth_date": date(1990, 2, 28),
    "gender": "FEMALE",
    "description": 'two\nlines, "quoted" and \\ more',
}


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """Fields of every kind."""
    return (*(f"customer.{name}" for name in SEALED), "address.latitude")


def _seal(crm: TestCrm, entity: str = "customer") -> EntitySeal:
    seal = crm.entities[entity].seal
    assert isinstance(seal, EntitySeal)
    return seal


async def test_tables_hold_ciphertext_and_work_gets_values(crm: TestCrm) -> None:
    """Every kind of value is ciphertext in its table and comes back as it was."""
    row = await create(crm, "customer", **VALUES)
    address = await create(crm, "address", customer_id=row["id"], type="HOME", latitude=48.2082, longitude=16.3738)
    for column in ("family_name", "birth_date", "gender", "description"):
        assert [True] == [sealing.is_sealed(value) for value in await raw(crm, "customer", column)], column
    assert [True] == [sealing.is_sealed(value) for value in await raw(crm, "address", "latitude")]
    assert VALUES == {name: value for name, value in (await get(crm, "customer", row["id"])).items() if name in VALUES}
    assert 48.2082 == (await get(crm, "address", address["id"]))["latitude"]


async def test_the_same_value_is_another_text_each_time(crm: TestCrm) -> None:
    """Two who have one name cannot be told by their ciphertexts."""
    for _ in range(2):
        await create(crm, "customer", kind="PERSON", family_name="Roe", given_name="A")
    assert 2 == len({*await raw(crm, "customer", "family_name")})


async def test_an_empty_value_stays_empty(crm: TestCrm) -> None:
    """Null is not a value: nothing is sealed, and nothing is looked up by it."""
    row = await create(crm, "customer", kind="PERSON", given_name="A")
    assert [None] == await raw(crm, "customer", "family_name")
    await update(crm, "customer", row["id"], family_name="Roe")
    await update(crm, "customer", row["id"], family_name=None)
    assert [None] == await raw(crm, "customer", "family_name")
    assert 0 == await crm.database.fetch_value("select count(*) from compliance_token")


async def test_a_moved_value_cannot_be_read(crm: TestCrm) -> None:
    """Ciphertext put into another row, or another column, by somebody who may write to the database is refused."""
    one = await create(crm, "customer", **VALUES)
    two = await create(crm, "customer", **{**VALUES, "family_name": "Roe"})
    await crm.database.execute(
        "update customer set family_name = (select c.family_name from customer c where c.id = $1) where id = $2",
        one["id"],
        two["id"],
    )
    with pytest.raises(errors.Unreadable):
        await get(crm, "customer", two["id"])
    await crm.database.execute("update customer set description = family_name where id = $1", one["id"])
    with pytest.raises(errors.Unreadable):
        await get(crm, "customer", one["id"])


async def test_a_row_that_is_given_to_somebody_else_cannot_be_read(crm: TestCrm) -> None:
    """An address whose link is changed behind the back of the CRM is not taken for the other person's."""
    one, two = [await create(crm, "customer", kind="PERSON", given_name=name) for name in "AB"]
    address = await create(crm, "address", customer_id=one["id"], type="HOME", latitude=1.5, longitude=2.5)
    await crm.database.execute("update address set customer_id = $2 where id = $1", address["id"], two["id"])
    with pytest.raises(errors.Unreadable):
        await get(crm, "address", address["id"])


async def test_a_plain_value_in_a_sealed_column_is_refused(crm: TestCrm) -> None:
    """Once all of a column is sealed, a plain value was put there by somebody else."""
    row = await create(crm, "customer", **VALUES)
    await crm.database.execute("update customer set family_name = 'Roe' where id = $1", row["id"])
    cells = [sealing.Cell("family_name", row["id"], row["id"], "Roe")]
    with pytest.raises(errors.Unreadable):
        await _seal(crm).open(crm.database, cells)


async def test_every_flipped_bit_is_noticed(crm: TestCrm) -> None:
    """Each bit of each character of a stored text: none can be another without the value being refused."""
    row = await create(crm, "customer", **VALUES)
    (text,) = await raw(crm, "customer", "family_name")
    seal, opened = _seal(crm), []
    for place in range(len(sealing.MARK), len(text)):
        for bit in range(7):
            other = text[:place] + chr(ord(text[place]) ^ (1 << bit)) + text[place + 1 :]
            try:
                await seal.open(crm.database, [sealing.Cell("family_name", row["id"], row["id"], other)])
            except errors.Unreadable:
                continue
            opened.append((place, bit))
    assert [] == opened


@pytest.mark.parametrize("end", ["=", "A", "AA", "\n", "-"])
async def test_one_value_has_one_text(crm: TestCrm, end: str) -> None:
    """Nothing can be added to a stored text: what decodes to the same bytes in another way is refused too."""
    row = await create(crm, "customer", **VALUES)
    (text,) = await raw(crm, "customer", "family_name")
    with pytest.raises(errors.Unreadable):
        await _seal(crm).open(crm.database, [sealing.Cell("family_name", row["id"], row["id"], text + end)])


@pytest.mark.parametrize("text", ["crm1:", "crm1:AQ", "crm1:AQIDBAU", f"crm1:{'A' * 60}", f"crm1:AQIDBA{'A' * 60}"])
async def test_what_is_no_ciphertext_is_refused(crm: TestCrm, text: str) -> None:
    """Too short, another version, a key that never was: one error for all."""
    id = UUID(int=7)
    with pytest.raises(errors.Unreadable):
        await _seal(crm).open(crm.database, [sealing.Cell("family_name", id, id, text)])


async def test_values_are_bound_to_every_part(crm: TestCrm) -> None:
    """Record, field, subject and key: with any of them another, the value is refused; with all right it opens."""
    row = await create(crm, "customer", **VALUES)
    other = await create(crm, "customer", **VALUES)
    (text, elses) = await raw(crm, "customer", "family_name")
    seal, id, nobody = _seal(crm), row["id"], UUID(int=7)
    right = sealing.Cell("family_name", id, id, text)
    assert [VALUES["family_name"]] == await seal.open(crm.database, [right])
    # The id of the other's key in front of this one's nonce and ciphertext.
    wrong_key = f"{elses[:12]}{text[12:]}"
    wrong = [
        right._replace(id=other["id"]),
        right._replace(id=nobody),
        right._replace(column="description"),
        right._replace(column="gender"),
        right._replace(subject=other["id"]),
        right._replace(subject=None),
        right._replace(value=wrong_key),
    ]
    for cell in wrong:
        with pytest.raises(errors.Unreadable):
            await seal.open(crm.database, [cell])


async def test_destroyed_keys_leave_nothing_to_read(crm: TestCrm) -> None:
    """The record stays, its texts say that they were erased, and nobody finds it by what it was."""
    from crmcore_compliance.state import compliance_of

    row = await create(crm, "customer", **VALUES)
    await compliance_of(crm).keyring.destroy(row["id"])
    left = await get(crm, "customer", row["id"])
    assert ("«erased»", "«erased»", None, None) == tuple(
        left[name] for name in ("family_name", "description", "birth_date", "gender")
    )
    assert [] == await _seal(crm).find(crm.database, "family_name", [VALUES["family_name"]])
