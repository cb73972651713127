"""Moving deals: the same rules through every door, and a true history."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from crmcore.entities import actions
from crmcore.entities.batch import Mode, batch
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Conflict
from crmcore.pipelines.actions import move_deal
from crmcore.pipelines.events import DealMoved
from tests.customers.desk import IMPORT, said
from tests.pipelines.board import Board, made


async def by_action(board: Board, deal: Row, values: dict[str, Any]) -> set[tuple[str, str]]:
    return said(await board.desk.refusal(move_deal, deal["id"], **values))


async def by_update(board: Board, deal: Row, values: dict[str, Any]) -> set[tuple[str, str]]:
    return await board.desk.no_update("deal", deal["id"], **values)


async def by_import(board: Board, deal: Row, values: dict[str, Any]) -> set[tuple[str, str]]:
    return await board.desk.no_update("deal", deal["id"], by=IMPORT, **values)


async def by_batch(board: Board, deal: Row, values: dict[str, Any]) -> set[tuple[str, str]]:
    async def unit(work: Work) -> Any:
        return await batch(work, [partial(actions.update, work, "deal", deal["id"], values)], Mode.PARTIAL)

    (outcome,) = await board.desk.do(unit)
    return said(outcome.refusal)


DOORS = pytest.mark.parametrize("door", [by_action, by_update, by_import, by_batch])


@DOORS
async def test_a_deal_stays_in_its_pipeline(board: Board, door: Any) -> None:
    """A stage of another pipeline needs the pipeline too."""
    other = await made(board.desk, "Other")
    assert {("stageId", "OTHER_PIPELINE")} == await door(board, await board.deal(), {"stage_id": other.id("talks")})


@DOORS
async def test_only_allowed_stages_follow(board: Board, door: Any) -> None:
    """allowedNext binds every door."""
    await board.desk.update("stage", board.id("new"), allowed_next=["talks"])
    deal = await board.deal()
    assert {("stageId", "NOT_ALLOWED_NEXT")} == await door(board, deal, {"stage_id": board.id("waiting")})
    assert "talks" == board.key(await board.move(deal, "talks"))


@DOORS
async def test_a_stage_demands_its_fields(board: Board, door: Any) -> None:
    """requiredFields binds every door; all missing fields are told."""
    await board.desk.update("stage", board.id("talks"), required_fields=["amount", "customer", "expectedCloseDate"])
    deal = await board.deal(amount=5, amount_currency="EUR")
    missing = {("customerId", "REQUIRED_BY_STAGE"), ("expectedCloseDate", "REQUIRED_BY_STAGE")}
    assert missing == await door(board, deal, {"stage_id": board.id("talks")})


@DOORS
async def test_a_lost_deal_has_a_reason_through_every_door(board: Board, door: Any) -> None:
    """LOST needs a reason however it comes."""
    assert {("lostReasonId", "REQUIRED")} == await door(board, await board.deal(), {"stage_id": board.id("lost")})


@DOORS
async def test_a_won_deal_has_a_customer_through_every_door(board: Board, door: Any) -> None:
    """WON needs a customer however it comes."""
    assert {("customerId", "REQUIRED")} == await door(board, await board.deal(), {"stage_id": board.id("won")})


async def test_fields_may_come_with_the_move(board: Board) -> None:
    """What a stage demands may be given by the same change."""
    await board.desk.update("stage", board.id("talks"), required_fields=["nextStep"])
    deal = await board.desk.update("deal", (await board.deal())["id"], stage_id=board.id("talks"), next_step="Call")
    assert "talks" == board.key(deal)


async def test_new_deals_have_the_fields_too(board: Board) -> None:
    """Create is an entry like any other."""
    await board.desk.update("stage", board.id("talks"), required_fields=["nextStep"])
    assert {("nextStep", "REQUIRED_BY_STAGE")} == await board.desk.no("deal", name="X", stage_id=board.id("talks"))


async def test_what_a_stage_demands_cannot_be_emptied(board: Board) -> None:
    """A demanded field stays filled; fields that were never filled do not stop other changes."""
    deal = await board.deal("talks", next_step="Call")
    await board.desk.update("stage", board.id("talks"), required_fields=["nextStep", "amount"])
    assert {("nextStep", "REQUIRED_BY_STAGE")} == await board.desk.no_update("deal", deal["id"], next_step=None)
    assert "B" == (await board.desk.update("deal", deal["id"], name="B"))["name"]


async def test_another_pipeline_needs_a_stage_of_it(board: Board) -> None:
    """The pipeline alone does not say where to; with a stage of it the deal moves, whatever allowedNext says."""
    other = await made(board.desk, "Other")
    await board.desk.update("stage", board.id("new"), allowed_next=["talks"])
    deal = await board.deal()
    no = await board.desk.no_update("deal", deal["id"], pipeline_id=other.pipeline["id"])
    assert {("stageId", "REQUIRED")} == no
    deal = await board.desk.do(move_deal, deal["id"], other.id("talks"), pipeline_id=other.pipeline["id"])
    assert (other.pipeline["id"], "talks") == (deal["pipeline_id"], other.key(deal))


async def test_closing_sets_the_instant(board: Board) -> None:
    """Entering WON or LOST sets closedAt; reopening clears it with reason and rate, and keeps the history."""
    customer = await board.desk.organization()
    deal = await board.deal(customer_id=customer["id"], amount=1000, amount_currency="USD")
    at = board.desk.clock.pass_(days=10)
    deal = await board.move(deal, "lost", lost_reason_id=board.price["id"], lost_note="20 % too dear", fx_rate=0.9)
    assert (at, 0.9, 900) == (deal["closed_at"], deal["fx_rate"], deal["base_amount"])
    deal = await board.move(deal, "talks")
    cleared = ("closed_at", "lost_reason_id", "lost_note", "fx_rate", "base_amount")
    assert [None] * 5 == [deal[column] for column in cleared]
    assert ["new", "lost", "talks"] == [
        board.key({"stage_id": stay["to_stage_id"]}) for stay in await board.history(deal)
    ]


async def test_from_lost_to_won_is_closed_anew(board: Board) -> None:
    """closedAt is when it was won, and the reason for losing is gone."""
    customer = await board.desk.organization()
    deal = await board.deal("lost", customer_id=customer["id"], lost_reason_id=board.price["id"])
    at = board.desk.clock.pass_(days=1)
    deal = await board.move(deal, "won")
    assert (at, None) == (deal["closed_at"], deal["lost_reason_id"])


async def test_the_rate_of_closing_is_kept(board: Board) -> None:
    """Where currencies differ, the rate given with the move stays with the deal."""
    customer = await board.desk.organization()
    deal = await board.deal(customer_id=customer["id"], amount=100_00, amount_currency="CNY")
    deal = await board.move(deal, "won", fx_rate=0.1281)
    assert (0.1281, 12_81, "EUR") == (deal["fx_rate"], deal["base_amount"], deal["base_amount_currency"])


async def test_every_stay_is_remembered(board: Board) -> None:
    """From, to, when, how long, how likely, how much, who, and what was said."""
    deal = await board.deal(amount=500, amount_currency="EUR")
    began = board.desk.clock.time
    moved = board.desk.clock.pass_(days=2, seconds=0.5)
    await board.move(deal, "talks", note="They called.")
    first, second = await board.history(deal)
    assert (None, board.id("new"), began, moved, 2 * 86400, 10, 500, "EUR", None) == tuple(
        first[c]
        for c in (
            "from_stage_id",
            "to_stage_id",
            "entered_at",
            "left_at",
            "duration_seconds",
            "probability_at",
            "amount_at",
            "amount_at_currency",
            "note",
        )
    )
    assert (board.id("new"), board.id("talks"), moved, None, None, 50, "They called.", "Ana") == (
        *(
            second[c]
            for c in (
                "from_stage_id",
                "to_stage_id",
                "entered_at",
                "left_at",
                "duration_seconds",
                "probability_at",
                "note",
            )
        ),
        second["created_by"]["label"],
    )


async def test_a_plain_update_is_remembered_like_a_move(board: Board) -> None:
    """History does not depend on the door."""
    deal = await board.deal()
    await board.desk.update("deal", deal["id"], stage_id=board.id("talks"), stage_note="By update.")
    _, second = await board.history(deal)
    assert (board.id("talks"), "By update.") == (second["to_stage_id"], second["note"])


async def test_a_move_to_where_it_is_writes_nothing(board: Board) -> None:
    """No version, no history."""
    deal = await board.deal()
    assert (1, 1) == ((await board.move(deal, "new"))["version"], len(await board.history(deal)))


async def test_a_move_is_told(board: Board) -> None:
    """DealMoved says from where to where, what became of it, and how long it had been there."""
    deal = await board.deal()
    board.desk.clock.pass_(hours=1)
    await board.move(deal, "waiting", note="Budget in May.")
    (told,) = [event for event in board.desk.events if isinstance(event, DealMoved)]
    assert (board.id("new"), board.id("waiting"), "OPEN", "ON_HOLD", 3600, "Budget in May.") == (
        told.from_stage_id,
        told.to_stage_id,
        told.from_status,
        told.to_status,
        told.seconds,
        told.note,
    )


async def test_what_happened_earlier_can_be_told(board: Board) -> None:
    """A deal won on Friday and entered on Monday was won on Friday."""
    customer = await board.desk.organization()
    deal = await board.deal(customer_id=customer["id"])
    friday = board.desk.clock.time + timedelta(days=4)
    board.desk.clock.pass_(days=7)
    deal = await board.move(deal, "won", at=friday)
    first, second = await board.history(deal)
    assert (friday, friday, friday, 4 * 86400) == (
        deal["closed_at"],
        deal["stage_entered_at"],
        second["entered_at"],
        first["duration_seconds"],
    )


async def test_neither_the_future_nor_before_the_last_move(board: Board) -> None:
    """History runs forwards, up to now."""
    deal = await board.deal()
    for offset, code in ((1, "IN_THE_FUTURE"), (-1, "BEFORE_THE_LAST")):
        at = board.desk.clock.time + timedelta(seconds=offset)
        assert {("at", code)} == said(await board.desk.refusal(move_deal, deal["id"], board.id("talks"), at=at))


async def test_a_stale_move_is_refused(board: Board) -> None:
    """expectedVersion guards a move like an update."""
    deal = await board.deal()
    await board.desk.update("deal", deal["id"], name="B")
    no = await board.desk.refusal(move_deal, deal["id"], board.id("talks"), expected_version=1)
    assert isinstance(no, Conflict)


async def test_history_goes_with_its_deal(board: Board) -> None:
    """Destroying a deal leaves nothing of its way."""
    deal = await board.deal()
    await board.desk.do(actions.destroy, "deal", deal["id"])
    assert [] == await board.history(deal)
