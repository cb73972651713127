"""Groups of deals come from kept totals where those know enough, and are what a scan would find."""

from __future__ import annotations

from typing import Any

import pytest

from crmcore.access.actor import Actor
from crmcore.entities import actions
from tests.pipelines.board import Board

_FIGURES = "key { value } aggregate { count sumAmount { amount currency } avgAmount { amount currency } }"


async def _asked(board: Board, text: str) -> tuple[Any, bool]:
    """Return the groups, and whether they came from the totals."""
    crm: Any = board.desk.crm
    answer = await crm.execute(text, actor=Actor.system())
    sql = crm.planner.explain(crm.documents.get(text), {}, Actor.system()).sql
    return answer["data"]["dealsGroupBy"], "deal_total" in sql


@pytest.fixture
async def sold(board: Board) -> Board:
    """Deals in three stages; the only one of a fourth stage is deleted, and that of a fifth has moved on."""
    for number, stage in enumerate(["new", "new", "new", "waiting"]):
        await board.deal(stage, amount=100 + number, amount_currency="EUR" if number != 1 else "JPY")
    gone = await board.deal("talks", amount=5, amount_currency="EUR")
    await board.desk.do(actions.delete, "deal", gone["id"])
    await board.move(await board.deal("talks"), "lost", lost_reason_id=board.price["id"])
    return board


_CASES = {
    "groupBy: {field: STAGE_ID}": True,
    "groupBy: [{stage: {field: NAME}}, {field: STATUS}]": True,
    "groupBy: {stage: {pipeline: {field: NAME}}}, filter: {status: {eq: OPEN}}": True,
    'groupBy: {field: STAGE_ID}, having: {sumAmount: {currency: {eq: "EUR"}, amount: {gt: "1"}}}': True,
    "groupBy: {field: CUSTOMER_ID}": False,
    "groupBy: {customer: {field: STATUS}}": False,
    "groupBy: {field: CREATED_AT, grain: MONTH}": False,
    "groupBy: {field: STAGE_ID}, deleted: INCLUDE": False,
}


async def test_totals_serve_groups_by_what_they_know(sold: Board) -> None:
    """Linked records' fields too; a group all of whose deals are gone is none."""
    for arguments, kept in _CASES.items():
        found, served = await _asked(sold, f"{{ dealsGroupBy({arguments}) {{ {_FIGURES} }} }}")
        # The last name is in no totals.
        more = _FIGURES.replace("count ", "count maxName ")
        scanned, from_totals = await _asked(sold, f"{{ dealsGroupBy({arguments}) {{ {more} }} }}")
        for group in scanned:
            del group["aggregate"]["maxName"]
        assert found == scanned, arguments
        assert (served, from_totals) == (kept, False), arguments
        assert all(group["aggregate"]["count"] for group in found), arguments
