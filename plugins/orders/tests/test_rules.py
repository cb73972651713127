"""What no door lets through: the rules of rows that are written past the plugin's own actions."""

from __future__ import annotations

from typing import Any

import pytest

from crmcore import Actor, actions, errors
from crmcore.testing import TestCrm


async def change(crm: TestCrm, entity: str, row: Any, **values: Any) -> list[tuple[str, str]]:
    """Change a record as the system; return what is refused."""
    with pytest.raises(errors.Invalid) as refused:
        await crm.run(Actor.system(), lambda work: actions.update(work, entity, row["id"], values))
    return [(v.path, v.code) for v in refused.value.violations]


async def test_amounts_of_an_order_agree(crm: TestCrm) -> None:
    """When it is made, and when it is changed."""
    order = await crm.make("order")
    with pytest.raises(errors.Invalid, match=r"100\.00 EUR, and the amounts come to 100\.01 EUR"):
        await crm.make("order", tax=1)

    assert [("total", "TOTAL_DIFFERS")] == await change(crm, "order", order, shipping=1)


async def test_amounts_of_a_line_agree(crm: TestCrm) -> None:
    """Pieces times price; where only the total is known there is nothing to compare."""
    line = await crm.make("order_line")
    unknown = await crm.make("order_line", unit_price=None, total=777, quantity=3)

    assert [("total", "TOTAL_DIFFERS")] == await change(crm, "order_line", line, quantity=3)
    assert (None, 777) == (unknown["unit_price"], unknown["total"])


async def test_a_line_is_of_its_orders_currency(crm: TestCrm) -> None:
    """Whatever it says itself."""
    with pytest.raises(errors.Invalid) as refused:
        await crm.make("order_line", currency="USD")

    assert [("total", "OTHER_CURRENCY")] == [(v.path, v.code) for v in refused.value.violations]


async def test_tax_that_is_included_is_not_added(crm: TestCrm) -> None:
    """As the order says, for its lines."""
    order = await crm.make("order", tax_included=True, tax=1667)
    line = await crm.make("order_line", order=order, tax=1667)

    assert (10_000, 10_000) == (order["total"], line["total"])


async def test_what_was_given_back_was_paid(crm: TestCrm) -> None:
    """A total cannot come below it afterwards, as by a file that is imported again with other amounts."""
    given = await crm.make("order_refund_line")
    (line,) = await crm.run(Actor.system(), lambda work: work.find("order_line", id=given["order_line_id"]))
    (order,) = await crm.run(Actor.system(), lambda work: work.find("order", id=line["order_id"]))

    assert [("total", "LESS_THAN_REFUNDED")] == await change(crm, "order", order, subtotal=4999, total=4999)
    assert [("total", "LESS_THAN_REFUNDED")] == await change(crm, "order_line", line, unit_price=2499, total=4998)


async def test_what_is_done_already_was_done_when_it_was_placed(crm: TestCrm) -> None:
    """Unless something else is said; of what was not done nothing is kept."""
    at = crm.clock.now()
    done = await crm.make("order", status="COMPLETED", placed_at=at)
    gone = await crm.make("order", status="CANCELLED", placed_at=at, paid_at=at, completed_at=at)
    basket = await crm.make("order", status="DRAFT", placed_at=at)

    assert {at} == {done[name] for name in ("placed_at", "paid_at", "fulfilled_at", "completed_at")}
    assert (at, at, at, None) == tuple(gone[n] for n in ("placed_at", "paid_at", "cancelled_at", "completed_at"))
    assert (None, None) == (basket["placed_at"], basket["paid_at"])
