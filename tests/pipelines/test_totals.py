"""What a board shows of its stages comes from kept totals and is what a scan would find."""

from __future__ import annotations

from typing import Any

import pytest

from crmcore.access.actor import Access, Actor, ActorType, Scope
from crmcore.database import ids
from crmcore.database.money import Money
from crmcore.entities import actions
from tests.pipelines.board import Board

_ALL = {"pipeline:read": Scope.ALL, "stage:read": Scope.ALL}
_FIGURES = "count sumAmount { amount currency } avgAmount { amount currency } sumBaseAmount { amount currency }"
#: The largest amount is in no totals, so who asks for it gets all from a scan.
_SCANNED = f"{_FIGURES} maxAmount {{ amount }}"


def board_of(figures: str, arguments: str = "") -> str:
    """Return the query of a board with some figures."""
    return f"{{ stages {{ nodes {{ name deals{arguments} {{ totalCount aggregate {{ {figures} }} }} }} }} }}"


def without_largest(answer: Any) -> Any:
    """Return the answer as if the largest had not been asked for."""
    for stage in answer["data"]["stages"]["nodes"]:
        stage["deals"]["aggregate"].pop("maxAmount", None)
    return answer


@pytest.fixture
async def full(board: Board) -> Board:
    """Deals in several stages, of two currencies or none, of two owners and two teams, some of them gone."""
    desk = board.desk
    people = [(await desk.create("user", name=name))["id"] for name in ("Ann", "Bo")]
    teams = [(await desk.create("team", name=name))["id"] for name in ("North", "South")]
    for number in range(24):
        amount = Money.of(str(100 + number), ["EUR", "JPY", "EUR"][number % 3]) if number % 5 else None
        deal = await board.deal(
            ["new", "talks", "waiting"][number % 3],
            amount=amount and amount.minor,
            amount_currency=amount and amount.currency,
            owner_id=people[number % 2],
            team_id=[None, *teams][number % 3],
        )
        if number % 6 == 0:
            await desk.do(actions.delete, "deal", deal["id"])
        if number % 6 == 1:
            await board.move(deal, "waiting")
    board.people, board.teams = people, teams  # type: ignore[attr-defined]
    return board


async def test_everybody_gets_what_a_scan_would_give(full: Board) -> None:
    """Whatever they may see of the deals."""
    ann, north = full.people[0], full.teams[0]  # type: ignore[attr-defined]
    for scope in Scope:
        access = Access(scopes={**_ALL, "deal:read": scope})
        label = ids.encode("user", ann)
        actor = Actor(ActorType.USER, label, "Ann", access=access, user_id=ann, team_ids=frozenset({north}))
        kept, scanned = [await full.desk.crm.execute(board_of(f), actor=actor) for f in (_FIGURES, _SCANNED)]
        assert without_largest(scanned) == kept, scope
        assert "errors" not in kept


async def test_totals_serve_what_they_know(full: Board) -> None:
    """A filter on anything else has the rows scanned; the answer is the same."""
    crm = full.desk.crm
    for arguments, served in {
        "": True,
        "(filter: {status: {eq: OPEN}})": True,
        '(filter: {amount: {currency: {eq: "EUR"}}})': True,
        '(filter: {or: [{status: {eq: OPEN}}, {amount: {currency: {eq: "JPY"}}}]})': True,
        "(filter: {not: {ownerId: {isNull: true}}})": True,
        '(filter: {amount: {amount: {gt: "110"}, currency: {eq: "EUR"}}})': False,
        '(filter: {name: {contains: "lamp"}})': False,
        "(filter: {customer: {displayName: {isNull: false}}})": False,
    }.items():
        texts = [board_of(figures, arguments) for figures in (_FIGURES, _SCANNED)]
        kept, scanned = [await crm.execute(text, actor=Actor.system()) for text in texts]
        assert without_largest(scanned) == kept, arguments
        sql = crm.planner.explain(crm.documents.get(texts[0]), {}, Actor.system()).sql
        assert [served, not served] == ["deal_total" in sql, " deal t" in sql], arguments


async def test_deleted_deals_are_in_no_totals(full: Board) -> None:
    """Who asks for them too gets them from a scan."""
    crm = full.desk.crm
    counts = [
        (await crm.execute(f"{{ deals{which} {{ totalCount }} }}", actor=Actor.system()))["data"]["deals"]["totalCount"]
        for which in ("", "(deleted: INCLUDE)", "(deleted: ONLY)")
    ]
    assert [20, 24, 4] == counts


async def test_a_board_reads_the_totals(full: Board) -> None:
    """Not the deals: what is put into the totals by hand shows."""
    crm, stage = full.desk.crm, full.id("won")
    await crm.database.execute(
        'insert into deal_total (stage_id, "rows", amount, amount_count, amount_currency) values ($1, 41, 1, 41, $2)',
        stage,
        "EUR",
    )
    asked = await crm.execute(
        f'{{ stage(id: "{ids.encode("stage", stage)}") {{ deals {{ aggregate {{ {_FIGURES} }} }} }} }}',
        actor=Actor.system(),
    )
    assert 41 == asked["data"]["stage"]["deals"]["aggregate"]["count"]
