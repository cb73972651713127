"""`crm orders verify`, `crm orders mapping`, and the demonstration's orders."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from crmcore_orders.verify import CHECKS, verify
from files import Desk
from placing import ask

from crmcore import Actor
from crmcore.cli import main
from crmcore.testing import TestCrm


async def disagreements(crm: TestCrm) -> list[tuple[str, int, int]]:
    """Return what does not hold."""
    found = await crm.run(Actor.system(), verify)
    return [(d.check.name, d.said, d.found) for d in found]


@pytest.mark.parametrize(
    ("statement", "expected"),
    [
        ("update orders_order set tax = 1", [("order", 10_000, 10_001)]),
        ("update order_line set total = 1", [("lines", 10_000, 1)]),
        ("update orders_order set refunded = 7", [("refunds", 7, 5000)]),
        ("update orders_order set refunded = 10001", [("refunds", 10_001, 5000), ("overpaid", 10_000, 10_001)]),
        ("update order_line set refunded = 7", [("line refunds", 7, 5000)]),
        ("update order_line set returned_quantity = 2", [("line returns", 2, 1)]),
        ("update order_refund_line set amount = 7", [("line refunds", 5000, 7), ("refund lines", 5000, 7)]),
    ],
)
async def test_each_way_to_disagree_is_found(
    crm: TestCrm, statement: str, expected: list[tuple[str, int, int]]
) -> None:
    """What was written past the actions shows, with both numbers."""
    await crm.make("order_refund_line")
    before = await disagreements(crm)
    await crm.run(Actor.system(), lambda work: work.rows(statement + " where 1 = 1 returning id"))

    assert ([], expected) == (before, await disagreements(crm))


async def test_the_command_says_what_does_not_hold(crm: TestCrm, desk: Desk) -> None:
    """For people and for scripts, with exit code 1."""
    await crm.make("order", number="A-1")
    well = await desk.crm("orders", "verify")
    await crm.run(Actor.system(), lambda work: work.rows("update orders_order set shipping = 3 returning id"))
    said, listed = await desk.crm("orders", "verify", code=1), await desk.crm("orders", "verify", "--json", code=1)

    assert f"{len(CHECKS)} checks, 0 disagreements." in well
    assert "A-1: said 10000, found 10003." in said
    assert [{"check": "order", "number": "A-1", "said": 10_000, "found": 10_003}] == json.loads(listed)


def test_mappings_are_shipped() -> None:
    """Their names, each of them, and a sentence for a name that is none."""
    names, one, none = [CliRunner().invoke(main, ["orders", "mapping", *words]) for words in ([], ["cdnow"], ["cds"])]

    assert ["cdnow", "orders", "products", "refunds"] == names.stdout.split()
    assert 'title = "CDNOW: purchases"' in one.stdout
    assert (1, True) == (none.exit_code, "There is no mapping 'cds'" in none.stderr)


def test_the_demonstration_adds_up(tmp_path: Path) -> None:
    """Its orders are such as the actions would have made."""
    url = f"sqlite:///{tmp_path / 'crm.db'}"
    for words in (["migrate"], ["seed", "--size", "60", "--seed", "1"], ["seed", "--size", "20", "--seed", "2"]):
        assert 0 == CliRunner().invoke(main, [*words, "--database", url]).exit_code
    result = CliRunner().invoke(main, ["orders", "verify", "--database", url])

    assert (0, f"{len(CHECKS)} checks, 0 disagreements.\n") == (result.exit_code, result.stdout)


async def test_an_order_shows_what_was_ordered(crm: TestCrm) -> None:
    """`lines` in the order of their positions."""
    order = await crm.make("order", total=20_000)
    for position in (2, 1):
        await crm.make("order_line", order=order, position=position)
    answer = await ask(
        crm, "query ($id: ID!) { order(id: $id) { lines { nodes { position } } } }", {"id": order.shown_id}
    )

    assert [1, 2] == [line["position"] for line in answer["order"]["lines"]["nodes"]]
