"""The lifecycle: every change is remembered, whatever the door."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from functools import partial

from crmcore.customers.actions import convert_lifecycle
from crmcore.customers.events import LifecycleChanged
from crmcore.entities import actions
from tests.customers.desk import IMPORT, Desk, said


async def test_a_new_customer_begins_a_history(desk: Desk) -> None:
    """The first stage is remembered with the instant of creation."""
    row = await desk.person()
    (first,) = await desk.find("lifecycle_change", customer_id=row["id"])
    assert (None, "LEAD", desk.clock.time) == (first["from_stage"], first["to_stage"], first["at"])


async def test_conversion_is_remembered(desk: Desk) -> None:
    """convertLifecycle records from, to, when, why and by whom."""
    row = await desk.person()
    at = desk.clock.pass_(days=3)
    row = await desk.do(convert_lifecycle, row["id"], "CUSTOMER", reason="FIRST_ORDER", note="Bought a lamp.")
    _, change = await desk.find("lifecycle_change", customer_id=row["id"])
    assert ("CUSTOMER", at) == (row["lifecycle_stage"], row["lifecycle_entered_at"])
    expected = ("LEAD", "CUSTOMER", at, "FIRST_ORDER", "Bought a lamp.", "Ana")
    assert expected == (
        *(change[c] for c in ("from_stage", "to_stage", "at", "reason", "note")),
        change["created_by"]["label"],
    )


async def test_a_plain_update_is_remembered_too(desk: Desk) -> None:
    """Whoever changes lifecycleStage by updateCustomer leaves the same trace."""
    row = await desk.person()
    await desk.update("customer", row["id"], lifecycle_stage="CHURNED", lifecycle_reason="PRICE")
    _, change = await desk.find("lifecycle_change", customer_id=row["id"])
    assert ("LEAD", "CHURNED", "PRICE") == (change["from_stage"], change["to_stage"], change["reason"])


async def test_other_updates_leave_no_trace(desk: Desk) -> None:
    """A change of something else is no change of stage."""
    row = await desk.person()
    await desk.update("customer", row["id"], job_title="Buyer")
    assert 1 == len(await desk.find("lifecycle_change"))


async def test_an_old_reason_does_not_stay(desk: Desk) -> None:
    """The reason of one stage is not taken for that of the next, whatever the door."""
    row = await desk.person()
    for leave in (
        partial(desk.do, convert_lifecycle, row["id"], "WON_BACK"),
        partial(desk.update, "customer", row["id"], lifecycle_stage="WON_BACK"),
    ):
        await desk.do(convert_lifecycle, row["id"], "CHURNED", reason="PRICE", note="Too dear.")
        left = await leave()
        assert (None, None) == (left["lifecycle_reason"], left["lifecycle_note"])


async def test_a_conversion_is_told(desk: Desk) -> None:
    """LifecycleChanged says from where to where, and why."""
    row = await desk.person()
    await desk.do(convert_lifecycle, row["id"], "QUALIFIED", reason="BUDGET")
    (told,) = [event for event in desk.events if isinstance(event, LifecycleChanged)]
    assert ("LEAD", "QUALIFIED", "BUDGET") == (told.from_stage, told.to_stage, told.reason)


async def test_stages_are_registered(desk: Desk) -> None:
    """A stage that no plugin registers is refused."""
    row = await desk.person()
    assert {("lifecycleStage", "UNKNOWN_VALUE")} == said(await desk.refusal(convert_lifecycle, row["id"], "FAN"))


async def test_what_happened_earlier_can_be_told(desk: Desk) -> None:
    """`at` puts a change at the instant it happened, after the present stage began."""
    row = await desk.person()
    began = desk.clock.time
    desk.clock.pass_(days=7)
    row = await desk.do(convert_lifecycle, row["id"], "CUSTOMER", at=began + timedelta(days=2))
    assert began + timedelta(days=2) == row["lifecycle_entered_at"]


async def test_the_future_cannot_be_told(desk: Desk) -> None:
    """Nothing is remembered that has not happened."""
    row = await desk.person()
    no = await desk.refusal(convert_lifecycle, row["id"], "CUSTOMER", at=desk.clock.time + timedelta(seconds=1))
    assert {("at", "IN_THE_FUTURE")} == said(no)


async def test_history_does_not_run_backwards(desk: Desk) -> None:
    """A stage cannot be left before it was entered."""
    row = await desk.person()
    no = await desk.refusal(convert_lifecycle, row["id"], "CUSTOMER", at=desk.clock.time - timedelta(days=1))
    assert {("at", "BEFORE_THE_LAST")} == said(no)


async def test_an_import_tells_when_it_began(desk: Desk) -> None:
    """A customer imported with its creation date has been a lead since then."""
    then = datetime(2019, 5, 1, tzinfo=UTC)
    row = await desk.person(by=IMPORT, created_at=then)
    (first,) = await desk.find("lifecycle_change")
    assert (then, then, then) == (row["created_at"], row["lifecycle_entered_at"], first["at"])


async def test_users_do_not_date_back_by_update(desk: Desk) -> None:
    """lifecycleEnteredAt is the server's to keep."""
    row = await desk.person()
    values = {"lifecycle_stage": "CUSTOMER", "lifecycle_entered_at": desk.clock.time}
    assert {("lifecycleEnteredAt", "READ_ONLY")} == said(
        await desk.refusal(actions.update, "customer", row["id"], values)
    )


async def test_history_goes_with_its_customer(desk: Desk) -> None:
    """Destroying a customer leaves nothing of its history."""
    row = await desk.person()
    await desk.do(actions.destroy, "customer", row["id"])
    assert [] == await desk.find("lifecycle_change")
