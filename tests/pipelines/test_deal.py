"""Deals: where they begin, what they are worth, what won and lost ones have."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

import pytest

from crmcore.entities import actions
from crmcore.errors import Duplicate, InUse
from crmcore.pipelines.actions import delete_stage
from crmcore.pipelines.actions.worth import converted
from tests.customers.desk import IMPORT, Desk
from tests.pipelines.board import Board, made


async def test_a_deal_needs_no_more_than_a_name(board: Board) -> None:
    """It begins in the first open stage of the default pipeline, and may lack a customer."""
    deal = await board.desk.create("deal", name="100 lamps")
    assert ("new", "OPEN", 10, "STAGE", None) == (
        board.key(deal),
        *(deal[c] for c in ("status", "probability", "probability_source", "customer_id")),
    )


async def test_a_deal_begins_in_the_first_open_stage_of_its_pipeline(board: Board) -> None:
    """A pipeline without a stage means its first open one."""
    other = await made(board.desk, "Other")
    deal = await board.desk.create("deal", name="X", pipeline_id=other.pipeline["id"])
    assert "new" == other.key(deal)


async def test_a_stage_tells_the_pipeline(board: Board) -> None:
    """A stage without a pipeline means its own."""
    other = await made(board.desk, "Other")
    assert other.pipeline["id"] == (await other.deal("talks"))["pipeline_id"]


async def test_without_default_pipeline_one_must_be_named(desk: Desk) -> None:
    """Nothing is guessed."""
    for row in await desk.find("pipeline", is_default=True):
        await desk.update("pipeline", row["id"], is_default=False)
    assert {("pipelineId", "REQUIRED")} == await desk.no("deal", name="X")


async def test_the_stage_belongs_to_the_pipeline(board: Board) -> None:
    """A stage of another pipeline is refused on create."""
    other = await made(board.desk, "Other")
    no = await board.desk.no("deal", name="X", pipeline_id=other.pipeline["id"], stage_id=board.id("new"))
    assert {("stageId", "OTHER_PIPELINE")} == no


async def test_an_inactive_pipeline_takes_no_deals(board: Board) -> None:
    """Neither new ones nor others'."""
    other = await made(board.desk, "Other")
    deal = await board.deal()
    await board.desk.update("pipeline", other.pipeline["id"], is_active=False)
    assert {("pipelineId", "NOT_ACTIVE")} == await board.desk.no("deal", name="X", stage_id=other.id("new"))
    values = {"pipeline_id": other.pipeline["id"], "stage_id": other.id("new")}
    assert {("pipelineId", "NOT_ACTIVE")} == await board.desk.no_update("deal", deal["id"], **values)


@pytest.mark.parametrize(
    ("stage", "status"), [("new", "OPEN"), ("waiting", "ON_HOLD"), ("won", "WON"), ("lost", "LOST")]
)
async def test_the_status_follows_the_stage(board: Board, stage: str, status: str) -> None:
    """OPEN, ON_HOLD, WON and LOST are read off the stage."""
    customer = await board.desk.organization()
    more = {"lost_reason_id": board.price["id"]} if stage == "lost" else {}
    assert status == (await board.deal(stage, customer_id=customer["id"], **more))["status"]


async def test_the_status_cannot_be_written(board: Board) -> None:
    """Only by the stage."""
    deal = await board.deal()
    assert {("status", "READ_ONLY")} == await board.desk.no_update("deal", deal["id"], status="WON")


async def test_won_needs_a_customer(board: Board) -> None:
    """On create, on a move, and afterwards."""
    assert {("customerId", "REQUIRED")} == await board.desk.no("deal", name="X", stage_id=board.id("won"))
    deal = await board.deal()
    assert {("customerId", "REQUIRED")} == await board.desk.no_update("deal", deal["id"], stage_id=board.id("won"))
    customer = await board.desk.organization()
    await board.desk.update("deal", deal["id"], stage_id=board.id("won"), customer_id=customer["id"])
    assert {("customerId", "REQUIRED")} == await board.desk.no_update("deal", deal["id"], customer_id=None)


async def test_lost_needs_a_reason(board: Board) -> None:
    """On create, on a move, and afterwards."""
    assert {("lostReasonId", "REQUIRED")} == await board.desk.no("deal", name="X", stage_id=board.id("lost"))
    deal = await board.deal()
    assert {("lostReasonId", "REQUIRED")} == await board.desk.no_update("deal", deal["id"], stage_id=board.id("lost"))
    await board.desk.update("deal", deal["id"], stage_id=board.id("lost"), lost_reason_id=board.price["id"])
    assert {("lostReasonId", "REQUIRED")} == await board.desk.no_update("deal", deal["id"], lost_reason_id=None)


async def test_only_a_lost_deal_has_a_reason(board: Board) -> None:
    """An open one has not."""
    deal = await board.deal()
    assert {("lostReasonId", "NOT_LOST")} == await board.desk.no_update(
        "deal", deal["id"], lost_reason_id=board.price["id"]
    )


async def test_a_retired_reason_cannot_be_chosen(board: Board) -> None:
    """Deals that have it keep it."""
    lost = await board.deal("lost", lost_reason_id=board.price["id"])
    await board.desk.update("lost_reason", board.price["id"], is_active=False)
    no = await board.desk.no("deal", name="X", stage_id=board.id("lost"), lost_reason_id=board.price["id"])
    assert {("lostReasonId", "NOT_ACTIVE")} == no
    assert "y" == (await board.desk.update("deal", lost["id"], lost_note="y"))["lost_note"]


async def test_amounts_are_not_negative_and_have_a_currency(board: Board) -> None:
    """Money is an amount of at least 0 and a currency."""
    assert {("amount", "TOO_SMALL")} == await board.desk.no("deal", name="X", amount=-1, amount_currency="EUR")
    assert {("amount", "NO_CURRENCY")} == await board.desk.no("deal", name="X", amount=1)
    deal = await board.deal(amount=1, amount_currency="EUR")
    assert {("amount", "NO_CURRENCY")} <= await board.desk.no_update("deal", deal["id"], amount=5, amount_currency=None)


@pytest.mark.parametrize(
    ("minor", "currency", "rate", "expected"),
    [
        (1234, "EUR", None, 1234),
        (1000, "USD", None, None),
        (1000, "USD", 0.9, 900),
        (1000, "JPY", 0.0061, 610),
        (1, "USD", 0.5, 0),
        (3, "USD", 0.5, 2),
        (1000, "KWD", 3.0, 300),
        (9_007_199_254_740_993, "USD", 1.0, 9_007_199_254_740_993),
    ],
)
def test_amounts_are_converted_exactly(minor: int, currency: str, rate: float | None, expected: int | None) -> None:
    """Into euros by a rate, in the digits of each currency, half to even; without a rate it is unknown."""
    assert expected == converted(minor, currency, "EUR", rate)


async def test_the_base_amount_is_kept(board: Board) -> None:
    """It follows amount, currency and rate."""
    deal = await board.deal(amount=1000, amount_currency="USD")
    assert None is deal["base_amount"]
    deal = await board.desk.update("deal", deal["id"], fx_rate=0.9)
    assert (900, "EUR") == (deal["base_amount"], deal["base_amount_currency"])
    deal = await board.desk.update("deal", deal["id"], amount=None)
    assert (None, None) == (deal["base_amount"], deal["base_amount_currency"])


@pytest.mark.parametrize(("rate", "code"), [(0.0, "TOO_SMALL"), (-1.0, "TOO_SMALL"), (1e12, "TOO_LARGE")])
async def test_a_rate_is_possible(board: Board, rate: float, code: str) -> None:
    """More than 0, and the result fits."""
    no = await board.desk.no("deal", name="X", amount=10**15, amount_currency="USD", fx_rate=rate)
    assert {("fxRate", code)} == no


async def test_a_recurring_amount_has_an_interval(board: Board) -> None:
    """A sum every nothing is none."""
    no = await board.desk.no("deal", name="X", recurring_amount=100, recurring_amount_currency="EUR")
    assert {("recurringInterval", "INCOMPLETE")} == no


@pytest.mark.parametrize("probability", [-1, 101])
async def test_probabilities_are_percent(board: Board, probability: int) -> None:
    """0 to 100."""
    assert {"probability"} == {path for path, _ in await board.desk.no("deal", name="X", probability=probability)}


async def test_a_persons_probability_stays_on_the_way(board: Board) -> None:
    """What somebody says is not overwritten by the next stage; the source STAGE gives it back."""
    deal = await board.deal(probability=70)
    assert "MANUAL" == deal["probability_source"]
    deal = await board.move(deal, "talks")
    assert (70, "MANUAL") == (deal["probability"], deal["probability_source"])
    deal = await board.desk.update("deal", deal["id"], probability_source="STAGE")
    assert (50, "STAGE") == (deal["probability"], deal["probability_source"])


async def test_a_models_probability_says_so(board: Board) -> None:
    """MODEL is kept if it is said."""
    deal = await board.deal()
    deal = await board.desk.update("deal", deal["id"], probability=33, probability_source="MODEL")
    assert (33, "MODEL") == (deal["probability"], deal["probability_source"])


@pytest.mark.parametrize("source", ["MANUAL", "MODEL"])
async def test_a_source_alone_is_no_probability(board: Board, source: str) -> None:
    """Who says that somebody or something else gives the probability, gives it; later it is there already."""
    no = await board.desk.no("deal", name="X", probability_source=source)
    assert {("probability", "REQUIRED")} == no
    deal = await board.desk.update("deal", (await board.deal())["id"], probability_source=source)
    assert (10, source) == (deal["probability"], deal["probability_source"])


async def test_a_closed_deal_is_certain(board: Board) -> None:
    """100 when won, 0 when lost, whatever was said; the stage's again when it is reopened."""
    customer = await board.desk.organization()
    deal = await board.deal(customer_id=customer["id"], probability=70)
    assert 100 == (await board.move(deal, "won"))["probability"]
    assert 0 == (await board.move(deal, "lost", lost_reason_id=board.price["id"]))["probability"]
    reopened = await board.move(deal, "new")
    assert (10, "STAGE") == (reopened["probability"], reopened["probability_source"])
    await board.move(deal, "won")
    assert 100 == (await board.desk.update("deal", deal["id"], probability=5))["probability"]


async def test_a_pipeline_of_teams_takes_no_other_teams_deals(board: Board) -> None:
    """A pipeline that names teams is theirs; a deal without team is fine."""
    teams = [await board.desk.create("team", name=name) for name in ("North", "South")]
    await board.desk.create("pipeline_team", pipeline_id=board.pipeline["id"], team_id=teams[0]["id"])
    await board.deal()
    await board.deal(team_id=teams[0]["id"])
    no = await board.desk.no("deal", name="X", stage_id=board.id("new"), team_id=teams[1]["id"])
    assert {("teamId", "OTHER_TEAM")} == no


async def test_an_import_knows_the_past(board: Board) -> None:
    """created_at, stage_entered_at and closed_at of a trusted actor are kept."""
    then = datetime(2016, 10, 20, tzinfo=UTC)
    customer = await board.desk.organization()
    dates = {"created_at": then, "stage_entered_at": then + timedelta(days=30), "closed_at": then + timedelta(days=31)}
    deal = await board.deal("won", customer_id=customer["id"], by=IMPORT, **dates)
    assert dates == {column: deal[column] for column in dates}


async def test_an_import_with_a_creation_date_begins_then(board: Board) -> None:
    """Without other dates a deal entered its stage, and was closed, when it was created."""
    then = datetime(2016, 10, 20, tzinfo=UTC)
    customer = await board.desk.organization()
    deal = await board.deal("won", customer_id=customer["id"], by=IMPORT, created_at=then, closed_at=None)
    assert (then, then) == (deal["stage_entered_at"], deal["closed_at"])
    (stay,) = await board.history(deal)
    assert then == stay["entered_at"]


async def test_an_import_repeats_itself(board: Board) -> None:
    """The same values again write nothing."""
    then = datetime(2016, 10, 20, tzinfo=UTC)
    values: dict[str, Any] = {
        "stage_id": board.id("lost"),
        "lost_reason_id": board.price["id"],
        "stage_entered_at": then,
        "closed_at": then,
        "expected_close_date": date(2016, 12, 1),
    }
    deal = await board.desk.create("deal", name="X", by=IMPORT, **values)
    assert 1 == (await board.desk.update("deal", deal["id"], by=IMPORT, **values))["version"]


async def test_users_do_not_know_the_past(board: Board) -> None:
    """For everybody else these are the server's."""
    no = await board.desk.no(
        "deal",
        name="X",
        created_at=board.desk.clock.time,
        stage_entered_at=board.desk.clock.time,
        closed_at=board.desk.clock.time,
    )
    assert {("createdAt", "READ_ONLY"), ("stageEnteredAt", "READ_ONLY"), ("closedAt", "READ_ONLY")} == no


async def test_an_open_deal_has_not_been_closed(board: Board) -> None:
    """Whatever an import says."""
    then = datetime(2016, 10, 20, tzinfo=UTC)
    deal = await board.deal(by=IMPORT, closed_at=then)
    assert None is deal["closed_at"]
    assert None is (await board.desk.update("deal", deal["id"], by=IMPORT, closed_at=then))["closed_at"]


async def test_a_deal_comes_back_where_it_was(board: Board) -> None:
    """Restoring changes nothing but deletedAt."""
    deal = await board.deal("talks")
    await board.desk.do(actions.delete, "deal", deal["id"])
    assert "talks" == board.key(await board.desk.do(actions.restore, "deal", deal["id"]))


async def test_a_deal_whose_stage_is_gone_comes_back_in_one_of_its_kind(board: Board) -> None:
    """In the first stage of the same kind, and the move is remembered."""
    deal = await board.deal("talks")
    await board.desk.do(actions.delete, "deal", deal["id"])
    await board.desk.do(delete_stage, board.id("talks"))
    assert "new" == board.key(await board.desk.do(actions.restore, "deal", deal["id"]))
    assert [(board.id("talks"), False), (board.id("new"), True)] == [
        (stay["to_stage_id"], stay["left_at"] is None) for stay in await board.history(deal)
    ]


async def test_a_deal_whose_pipeline_is_gone_stays_deleted(board: Board) -> None:
    """The pipeline comes first."""
    await made(board.desk, "B", is_default=True)
    deal = await board.deal()
    await board.desk.do(actions.delete, "deal", deal["id"])
    await board.desk.do(actions.delete, "pipeline", board.pipeline["id"])
    assert isinstance(await board.desk.refusal(actions.restore, "deal", deal["id"]), InUse)


async def test_customers_with_deals_stay(board: Board) -> None:
    """A customer is not destroyed while deals refer to it."""
    customer = await board.desk.organization()
    await board.deal(customer_id=customer["id"])
    assert isinstance(await board.desk.refusal(actions.destroy, "customer", customer["id"]), InUse)


async def _contact(board: Board, deal_id: UUID, customer_id: UUID, **more: Any) -> Any:
    return await board.desk.create("deal_contact", deal_id=deal_id, customer_id=customer_id, **more)


async def test_somebody_has_one_say_in_a_deal(board: Board) -> None:
    """A customer is a contact of a deal once."""
    deal, person = await board.deal(), await board.desk.person()
    ends = {"deal_id": deal["id"], "customer_id": person["id"]}
    await board.desk.create("deal_contact", **ends, role="USER")
    assert isinstance(await board.desk.refusal(actions.create, "deal_contact", {**ends, "role": "BLOCKER"}), Duplicate)


async def test_one_primary_contact_a_deal(board: Board) -> None:
    """Another primary contact takes over; other deals keep theirs."""
    people = [await board.desk.person(name) for name in "AB"]
    deal, other = await board.deal(), await board.deal()
    for one in (other, deal):
        await _contact(board, one["id"], people[0]["id"], is_primary=True)
    await _contact(board, deal["id"], people[1]["id"], is_primary=True)
    assert [True, False, True] == [row["is_primary"] for row in await board.desk.find("deal_contact")]
