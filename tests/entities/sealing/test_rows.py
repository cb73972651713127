"""A row is sealed just before it is bound and opened just after it is read; between, nobody can tell."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from crmcore import Crm, Row, Work, actions
from crmcore.access.actor import Actor
from crmcore.entities.lots import in_lots
from crmcore.entities.sealing import is_sealed
from crmcore.errors import Invalid
from tests.entities.sealing.conftest import ANA, TOY, customer, stored

SYSTEM = Actor.system("tests")
BORN = date(1980, 2, 3)


async def test_values_of_every_kind_are_stored_sealed(crm: Crm) -> None:
    """Texts, enums, dates, numbers and JSON; what is null stays null."""
    ana = await customer(crm, birth_date=BORN, custom_fields={"size": "M"})
    at = {"customer_id": ana["id"], "type": "HOME", "lines": "1, Rua", "latitude": 38.7, "longitude": -9.1}
    await crm.run(SYSTEM, lambda work: actions.create(work, "address", at))
    for table, columns in (
        ("customer", ("display_name", "given_name", "gender", "birth_date", "custom_fields")),
        ("address", ("lines", "latitude", "longitude")),
    ):
        for column in columns:
            (value,) = await stored(crm, table, column)
            assert is_sealed((value or "").strip('"')), column
    await customer(crm, given_name=None, family_name="Sousa", gender=None)
    assert [None, None, None] == [(await stored(crm, "customer", c))[1] for c in ("given_name", "gender", "birth_date")]


async def test_a_row_is_read_as_it_was_written(crm: Crm) -> None:
    """By its id, by equal columns, with all its types."""
    ana = await customer(crm, birth_date=BORN, custom_fields={"size": "M"})

    async def read(work: Work) -> list[Row]:
        return [await work.get("customer", ana["id"]), *await work.find("customer", id=ana["id"])]

    assert [ana, ana] == await crm.run(SYSTEM, read)
    assert ("Ana", BORN, "FEMALE", {"size": "M"}) == (
        ana["given_name"],
        ana["birth_date"],
        ana["gender"],
        ana["custom_fields"],
    )


async def test_only_what_changed_is_sealed_anew(crm: Crm) -> None:
    """An update seals the columns it writes; a change that changes nothing writes nothing."""
    ana = await customer(crm, birth_date=BORN)
    before = {c: await stored(crm, "customer", c) for c in ("birth_date", "given_name", "display_name")}
    await crm.run(SYSTEM, lambda work: actions.update(work, "customer", ana["id"], {"birth_date": BORN}))
    assert before == {c: await stored(crm, "customer", c) for c in before}
    after = await crm.run(SYSTEM, lambda work: actions.update(work, "customer", ana["id"], {"given_name": "Eva"}))
    changed = [c for c, value in before.items() if value != await stored(crm, "customer", c)]
    assert ["given_name", "display_name"] == changed
    assert "Eva Sousa" == after["display_name"]


async def test_what_the_server_keeps_is_sealed_alike(crm: Crm) -> None:
    """`Work.insert` and `Work.change` seal as actions do."""
    ana = await customer(crm)

    async def keep(work: Work) -> Row:
        point = {"customer_id": ana["id"], "type": "EMAIL", "value": "a@b.example", "normalized": "a@b.example"}
        made = await work.insert("contact_point", point)
        await work.change("contact_point", made["id"], {"value": "A@b.example"})
        return (await work.find("contact_point", id=made["id"]))[0]

    assert "A@b.example" == (await crm.run(SYSTEM, keep))["value"]
    for column in ("value", "normalized"):
        assert all(map(is_sealed, await stored(crm, "contact_point", column)))


async def test_a_lot_is_sealed_by_one_call(crm: Crm) -> None:
    """A hundred customers are sealed together and read as they were; what is held back is open."""
    seal, before = TOY.seals["customer"], TOY.seals["customer"].sealings

    async def make(work: Work, n: int) -> str:
        row = await actions.create(work, "customer", {**ANA, "given_name": f"A{n}", "birth_date": BORN})
        return str((await work.get("customer", row["id"]))["display_name"])

    async def many(work: Work) -> list[Any]:
        return await in_lots(work, range(100), lambda n: make(work, n))

    assert [f"A{n} Sousa" for n in range(100)] == await crm.run(SYSTEM, many)
    assert 2 == seal.sealings - before, "the rows, and what the feed tells of them"
    assert all(is_sealed(value) for value in await stored(crm, "customer", "given_name"))
    rows = await crm.run(SYSTEM, lambda work: work.find("customer", family_name="Sousa"))
    assert {f"A{n}" for n in range(100)} == {row["given_name"] for row in rows}


async def test_a_lot_changes_rows_that_are_there(crm: Crm) -> None:
    """What many calls change of rows that were written before is sealed too."""
    made = [await customer(crm, given_name=name) for name in ("A", "B")]

    async def change(work: Work, row: Row) -> None:
        await work.change("customer", row["id"], {"birth_date": BORN})

    async def many(work: Work) -> list[Any]:
        return await in_lots(work, made, lambda row: change(work, row))

    await crm.run(SYSTEM, many)
    assert all(is_sealed(value) for value in await stored(crm, "customer", "birth_date"))
    rows = await crm.run(SYSTEM, lambda work: work.find("customer", family_name="Sousa"))
    assert [BORN, BORN] == [row["birth_date"] for row in rows]


async def test_what_is_erased_is_shown_as_such(crm: Crm) -> None:
    """Texts say so, all else is null; the rest of the row can be read and changed."""
    ana = await customer(crm, birth_date=BORN)
    TOY.destroyed.add(ana["id"])
    row = await crm.run(SYSTEM, lambda work: work.get("customer", ana["id"]))
    assert ("«erased»", "«erased»", None, None) == tuple(
        row[c] for c in ("display_name", "given_name", "gender", "birth_date")
    )
    before = await stored(crm, "customer", "given_name")
    await crm.run(SYSTEM, lambda work: actions.update(work, "customer", ana["id"], {"job_title": "Pilot"}))
    assert before == await stored(crm, "customer", "given_name")


@pytest.mark.parametrize("value", ["crm1:", "crm1:AQAAAAE"])
async def test_nobody_writes_what_looks_sealed(crm: Crm, value: str) -> None:
    """It would be stored as if it had been sealed: by an action it is refused with a path, and by the server itself too."""
    with pytest.raises(Invalid) as refused:
        await customer(crm, given_name=value)
    assert [("givenName", "MALFORMED")] == [(v.path, v.code) for v in refused.value.violations]
    ana = await customer(crm)
    with pytest.raises(Invalid, match="begins as sealed values do"):
        await crm.run(SYSTEM, lambda work: work.change("customer", ana["id"], {"given_name": value}))
    await customer(crm, job_title=value)
