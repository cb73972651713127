"""Interactions: what one must have, logging and completing them."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from crmcore.entities import actions
from crmcore.errors import Duplicate, InUse
from crmcore.interactions.actions import ParticipantInput, complete_interaction, log_interaction
from crmcore.interactions.events import InteractionCompleted, InteractionLogged
from crmcore.interactions.tables import Direction, ParticipantRole, Visibility
from tests.customers.desk import IMPORT, Desk, said


async def planned(desk: Desk, **values: Any) -> Any:
    customer = values.pop("customer_id", None) or (await desk.person())["id"]
    return await desk.create("interaction", **{"kind": "CALL", "customer_id": customer, **values})


async def test_an_interaction_may_be_planned(desk: Desk) -> None:
    """What is to happen has a due instant and has not occurred."""
    row = await planned(desk, due_at=desk.clock.time + timedelta(days=1))
    assert ("PLANNED", None, None) == (row["status"], row["occurred_at"], row["completed_at"])


@pytest.mark.parametrize("status", ["IN_PROGRESS", "COMPLETED", "NO_ANSWER", "FAILED"])
async def test_what_happened_has_happened_at_some_time(desk: Desk, status: str) -> None:
    """occurredAt is required unless the interaction is PLANNED or CANCELLED, on create and on update."""
    row = await planned(desk)
    assert {("occurredAt", "REQUIRED")} == await desk.no_update("interaction", row["id"], status=status)
    no = await desk.no("interaction", kind="CALL", customer_id=row["customer_id"], status=status)
    assert {("occurredAt", "REQUIRED")} == no


async def test_what_is_cancelled_never_occurred(desk: Desk) -> None:
    """A cancelled interaction needs no instant."""
    row = await planned(desk)
    assert "CANCELLED" == (await desk.update("interaction", row["id"], status="CANCELLED"))["status"]


async def test_it_does_not_end_before_it_begins(desk: Desk) -> None:
    """endedAt needs occurredAt and is not before it."""
    now, customer = desk.clock.time, await desk.person()
    more = {"kind": "CALL", "customer_id": customer["id"], "ended_at": now}
    assert {("endedAt", "BEFORE_START")} == await desk.no("interaction", **more, occurred_at=now + timedelta(seconds=1))
    assert {("endedAt", "BEFORE_START")} == await desk.no("interaction", **more)


async def test_its_duration_follows(desk: Desk) -> None:
    """From begin and end; a duration alone is kept as given."""
    now = desk.clock.time
    row = await planned(desk, occurred_at=now, ended_at=now + timedelta(minutes=5), status="COMPLETED")
    assert 300 == row["duration_seconds"]
    row = await desk.update("interaction", row["id"], ended_at=now + timedelta(minutes=6))
    assert 360 == row["duration_seconds"]
    assert 60 == (await planned(desk, occurred_at=now, duration_seconds=60, status="COMPLETED"))["duration_seconds"]


@pytest.mark.parametrize(("column", "value"), [("kind", "TELEPATHY"), ("channel", "SMOKE_SIGNAL")])
async def test_kinds_and_channels_are_registered(desk: Desk, column: str, value: str) -> None:
    """Open sets, and yet no typing errors."""
    customer = await desk.person()
    no = await desk.no("interaction", **{"kind": "CALL", "customer_id": customer["id"], column: value})
    assert {(column, "UNKNOWN_VALUE")} == no


@pytest.mark.parametrize("direction", ["OUTBOUND", "INTERNAL"])
async def test_it_has_a_customer(desk: Desk, direction: str) -> None:
    """Unless it came in from somebody unknown."""
    assert {("customerId", "REQUIRED")} == await desk.no("interaction", kind="EMAIL", direction=direction)
    assert None is (await desk.create("interaction", kind="EMAIL", direction="INBOUND"))["customer_id"]


async def test_a_deal_tells_the_customer(desk: Desk) -> None:
    """Without a customer it is with the deal's, who may be unknown still."""
    customer = await desk.organization()
    pipeline = await desk.create("pipeline", name="X")
    stage = {"pipeline_id": pipeline["id"]}
    for kind in ("OPEN", "WON", "LOST"):
        await desk.create("stage", **stage, name=kind, kind=kind)
    await desk.update("pipeline", pipeline["id"], is_active=True)
    for whose in (customer["id"], None):
        deal = await desk.create("deal", name="X", pipeline_id=pipeline["id"], customer_id=whose)
        assert whose == (await desk.create("interaction", kind="CALL", deal_id=deal["id"]))["customer_id"]


async def test_a_message_is_kept_once(desk: Desk) -> None:
    """Channel and externalId together are unique, so that ingest may be repeated; upsert finds it."""
    values = {"kind": "MESSAGE", "channel": "WECHAT", "external_id": "msg-1", "direction": "INBOUND"}
    await desk.create("interaction", **values)
    assert isinstance(await desk.refusal(actions.create, "interaction", values), Duplicate)
    await desk.create("interaction", **{**values, "channel": "WHATSAPP"})
    row, created = await desk.do(actions.upsert, "interaction", {**values, "body": "你好"}, on="EXTERNAL_ID")
    assert ("你好", False) == (row["body"], created)


async def test_an_external_id_needs_its_channel(desk: Desk) -> None:
    """Outside of a channel it names nothing."""
    no = await desk.no("interaction", kind="MESSAGE", external_id="msg-1", direction="INBOUND")
    assert {("channel", "REQUIRED")} == no


async def test_something_private_has_a_reader(desk: Desk) -> None:
    """A PRIVATE interaction has an owner or an assignee."""
    no = await desk.no("interaction", kind="NOTE", direction="INBOUND", visibility="PRIVATE")
    assert {("visibility", "NOBODY")} == no
    user = await desk.create("user", name="Ben")
    await desk.create("interaction", kind="NOTE", direction="INBOUND", visibility="PRIVATE", assignee_id=user["id"])


@pytest.mark.parametrize(
    ("column", "value"),
    [("sentiment", 1.1), ("sentiment", -1.1), ("satisfaction_score", 101), ("duration_seconds", -1)],
)
async def test_measures_are_possible(desk: Desk, column: str, value: float) -> None:
    """Sentiment is between -1 and 1, a duration is not negative."""
    customer = await desk.person()
    no = await desk.no("interaction", **{"kind": "CALL", "customer_id": customer["id"], column: value})
    assert {"TOO_LARGE", "TOO_SMALL"} >= {code for _, code in no}
    assert no


async def test_completing_says_when(desk: Desk) -> None:
    """completeInteraction sets status, completedAt and, if nobody says otherwise, occurredAt."""
    row = await planned(desk)
    at = desk.clock.pass_(hours=3)
    row = await desk.do(complete_interaction, row["id"], outcome="INTERESTED", next_step="Send an offer.")
    assert ("COMPLETED", at, at, "INTERESTED", "Send an offer.") == tuple(
        row[c] for c in ("status", "completed_at", "occurred_at", "outcome", "next_step")
    )


async def test_completing_keeps_what_is_known(desk: Desk) -> None:
    """An instant that stands there stays; a given one wins."""
    began = desk.clock.time
    row = await planned(desk, status="IN_PROGRESS", occurred_at=began)
    desk.clock.pass_(hours=1)
    assert began == (await desk.do(complete_interaction, row["id"]))["occurred_at"]
    row = await planned(desk)
    assert began == (await desk.do(complete_interaction, row["id"], occurred_at=began))["occurred_at"]


async def test_completing_twice_is_completing_once(desk: Desk) -> None:
    """The first completion counts."""
    row = await planned(desk)
    first = await desk.do(complete_interaction, row["id"])
    desk.clock.pass_(hours=1)
    assert first["completed_at"] == (await desk.do(complete_interaction, row["id"]))["completed_at"]


async def test_what_is_not_completed_has_no_completion(desk: Desk) -> None:
    """Going back clears completedAt."""
    row = await desk.do(complete_interaction, (await planned(desk))["id"])
    assert None is (await desk.update("interaction", row["id"], status="PLANNED"))["completed_at"]


async def test_completion_is_told(desk: Desk) -> None:
    """By the action and by a plain update alike."""
    for by_action in (True, False):
        row = await planned(desk)
        if by_action:
            await desk.do(complete_interaction, row["id"], outcome="YES")
        else:
            await desk.update("interaction", row["id"], status="COMPLETED", occurred_at=desk.clock.time, outcome="YES")
        (told,) = [event for event in desk.events if isinstance(event, InteractionCompleted)]
        assert ("CALL", row["customer_id"], "YES") == (told.interaction_kind, told.customer_id, told.outcome)


async def test_logging_records_what_happened(desk: Desk) -> None:
    """logInteraction makes a completed interaction with its participants in one go."""
    customer, other = await desk.person("A"), await desk.person("B")
    user = await desk.create("user", name="Ben")
    row = await desk.do(
        log_interaction,
        "MEETING",
        customer["id"],
        direction=Direction.OUTBOUND,
        channel="IN_PERSON",
        subject="新产品 demo",
        visibility=Visibility.TEAM,
        participants=[
            ParticipantInput(customer_id=other["id"]),
            ParticipantInput(user_id=user["id"], role=ParticipantRole.ORGANIZER),
            ParticipantInput(raw_address="carl@example.com"),
        ],
    )
    now = desk.clock.time
    assert ("COMPLETED", now, now, "TEAM", "新产品 demo") == tuple(
        row[c] for c in ("status", "occurred_at", "completed_at", "visibility", "subject")
    )
    roles = [one["role"] for one in await desk.find("interaction_participant", interaction_id=row["id"])]
    assert ["ATTENDEE", "ORGANIZER", "ATTENDEE"] == roles


async def test_logging_is_told(desk: Desk) -> None:
    """By InteractionLogged, once."""
    customer = await desk.person()
    await desk.do(log_interaction, "NOTE", customer["id"])
    assert [("NOTE", customer["id"])] == [
        (e.interaction_kind, e.customer_id) for e in desk.events if isinstance(e, InteractionLogged)
    ]


async def test_a_wrong_participant_undoes_the_log(desk: Desk) -> None:
    """All or nothing; the path says which participant."""
    customer = await desk.person()
    no = await desk.refusal(log_interaction, "NOTE", customer["id"], participants=[ParticipantInput()])
    assert ({("participants.0.rawAddress", "REQUIRED")}, []) == (said(no), await desk.find("interaction"))


async def test_a_participant_is_one_person(desk: Desk) -> None:
    """A customer or a colleague; an address may stand beside either."""
    row, user, customer = await planned(desk), await desk.create("user", name="Ben"), await desk.person()
    ends = {"interaction_id": row["id"]}
    no = await desk.no("interaction_participant", **ends, customer_id=customer["id"], user_id=user["id"])
    assert {("userId", "AMBIGUOUS")} == no
    one = await desk.create("interaction_participant", **ends, customer_id=customer["id"], raw_address="a@example.com")
    assert {("rawAddress", "REQUIRED")} == await desk.no_update(
        "interaction_participant", one["id"], customer_id=None, raw_address=None
    )


async def test_customers_with_interactions_stay(desk: Desk) -> None:
    """A customer is not destroyed while interactions refer to it."""
    row = await planned(desk)
    assert isinstance(await desk.refusal(actions.destroy, "customer", row["customer_id"]), InUse)


async def test_an_import_knows_when_it_was_done(desk: Desk) -> None:
    """completed_at of a trusted actor is kept."""
    then = desk.clock.time - timedelta(days=900)
    row = await planned(desk, by=IMPORT, status="COMPLETED", occurred_at=then - timedelta(hours=1), completed_at=then)
    assert then == row["completed_at"]
