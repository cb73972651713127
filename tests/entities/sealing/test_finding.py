"""What is sealed is still found by equal values, and unique where it was."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from crmcore import Crm, Row, Work, actions
from crmcore.access.actor import Actor
from crmcore.entities.lots import in_lots
from crmcore.errors import Duplicate, Refusal
from tests.entities.sealing.conftest import customer

SYSTEM = Actor.system("tests")


def _email(id: UUID, value: str = "ana@acme.example") -> dict[str, Any]:
    return {"customer_id": id, "type": "EMAIL", "value": value}


async def _reach(crm: Crm, id: UUID, value: str = "ana@acme.example") -> Row:
    return await crm.run(SYSTEM, lambda work: actions.create(work, "contact_point", _email(id, value)))


async def test_a_record_is_found_by_a_sealed_column(crm: Crm) -> None:
    """Alone, with plain columns beside it, and in a lot, where some of it is held back."""
    ana, bo = await customer(crm), await customer(crm, given_name="Bo")
    point = await _reach(crm, ana["id"])

    async def find(work: Work, wanted: str) -> list[list[Row]]:
        by = [{"value": wanted}, {"value": wanted, "type": "EMAIL"}, {"customer_id": bo["id"], "value": wanted}]
        return [await work.find("contact_point", **equals) for equals in by]

    async def both(work: Work) -> list[Any]:
        await actions.create(work, "contact_point", _email(bo["id"], "bo@acme.example"))
        return [await find(work, "ana@acme.example"), await find(work, "bo@acme.example")]

    async def in_a_lot(work: Work) -> Any:
        # Of one thing no lot is made.
        return await in_lots(work, [True, False], lambda yes: both(work) if yes else find(work, "nobody"))

    assert [[point], [point], []] == await crm.run(SYSTEM, lambda work: find(work, "ana@acme.example"))
    found, _ = await crm.run(SYSTEM, in_a_lot)
    assert [[1, 1, 0], [1, 1, 1]] == [[len(rows) for rows in asked] for asked in found]


async def test_a_lot_reads_ahead_by_sealed_columns(crm: Crm) -> None:
    """Many values at once, beside plain ones; what is not there is remembered as such."""
    ana = await customer(crm)
    points = [await _reach(crm, ana["id"], f"{n}@acme.example") for n in range(3)]
    wanted = [("EMAIL", f"{n}@acme.example") for n in (0, 2, 7)] + [("PHONE", "1@acme.example")]
    found: list[Row] = []

    async def both(work: Work) -> None:
        async def ahead(lot: Any, items: Any) -> None:
            found.extend(await lot.foresee(work.entities["contact_point"], ("type", "value"), wanted))

        async def find(item: tuple[str, str]) -> list[Row]:
            return await work.find("contact_point", type=item[0], value=item[1])

        found.extend(row for rows in await in_lots(work, wanted, find, ahead=ahead) for row in rows)  # type: ignore[union-attr]

    await crm.run(SYSTEM, both)
    assert sorted(2 * [points[0]["id"], points[2]["id"]]) == sorted(row["id"] for row in found)


async def test_unique_is_unique(crm: Crm) -> None:
    """The refusal is the one that a plain column has; a deleted record does not stand in the way, and cannot come back."""
    ana = await customer(crm)
    first = await _reach(crm, ana["id"])
    with pytest.raises(
        Duplicate, match=r"Another contact point already has customerId .*, normalized ana@acme\.example"
    ):
        await _reach(crm, ana["id"], "ANA@acme.example")
    await crm.run(SYSTEM, lambda work: actions.delete(work, "contact_point", first["id"]))
    second = await _reach(crm, ana["id"])
    with pytest.raises(Duplicate):
        await crm.run(SYSTEM, lambda work: actions.restore(work, "contact_point", first["id"]))
    await crm.run(SYSTEM, lambda work: actions.destroy(work, "contact_point", second["id"]))
    await crm.run(SYSTEM, lambda work: actions.restore(work, "contact_point", first["id"]))


async def test_unique_is_unique_in_a_lot(crm: Crm) -> None:
    """Of many calls, the one that repeats what is taken is refused; the others stay."""
    ana = await customer(crm)

    async def make(work: Work, n: int) -> Row:
        return await actions.create(work, "contact_point", _email(ana["id"], f"{n}@acme.example"))

    async def many(work: Work) -> list[Any]:
        return await in_lots(work, [1, 2, 1, 3], lambda n: make(work, n))

    outcomes = await crm.run(SYSTEM, many)
    assert [False, False, True, False] == [isinstance(outcome, Refusal) for outcome in outcomes]


async def test_a_record_is_upserted_by_a_sealed_key(crm: Crm) -> None:
    """It is made once and then updated."""
    ana = await customer(crm)
    key = next(key for key in crm.entities["contact_point"].keys if "value" in key.columns)

    async def upsert(work: Work) -> tuple[Row, bool]:
        return await actions.upsert(work, "contact_point", {**_email(ana["id"]), "label": "Work"}, on=key.name)

    made, updated = await crm.run(SYSTEM, upsert), await crm.run(SYSTEM, upsert)
    assert (True, False) == (made[1], updated[1])
    assert made[0]["id"] == updated[0]["id"]


async def test_what_is_held_back_is_found_where_a_seal_looks_elsewhere(
    crm: Crm, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A seal that looks into tables of its own finds rows of a lot too: they are written before it is asked."""
    ana = await customer(crm)
    seal: Any = crm.entities["contact_point"].seal
    kept: dict[str, list[UUID]] = {}
    changed = seal.changed

    async def keep(database: Any, changes: Any) -> None:
        for _, after in changes:
            kept.setdefault(after["value"], []).append(after["id"])
        await changed(database, changes)

    async def find(database: Any, column: str, values: Any, **more: Any) -> list[UUID]:
        return [id for value in values for id in kept.get(value, ())]

    monkeypatch.setattr(seal, "changed", keep)
    monkeypatch.setattr(seal, "find", find)

    async def make(work: Work, n: int) -> list[UUID]:
        await actions.create(work, "contact_point", _email(ana["id"], f"{n}@acme.example"))
        return await work.having("contact_point", "value", [f"{n}@acme.example"])

    outcomes = await crm.run(SYSTEM, lambda work: in_lots(work, [1, 2], lambda n: make(work, n)))
    assert [1, 1] == [len(found) for found in outcomes if not isinstance(found, Refusal)]
