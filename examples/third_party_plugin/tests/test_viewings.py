"""Viewings: when they can be, and who is reminded of them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from crmcore import Actor, actions, errors
from crmcore.testing import TestCrm, crash_after

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


async def book(crm: TestCrm, **values: Any) -> list[str]:
    """Book a viewing; return the codes of what speaks against it."""
    try:
        await crm.make("estate_viewing", **values)
    except errors.Invalid as refused:
        return [violation.code for violation in refused.violations]
    return []


@pytest.mark.parametrize(
    ("minutes_later", "expected"), [(-45, []), (-30, []), (-15, ["TAKEN"]), (0, ["TAKEN"]), (29, ["TAKEN"]), (30, [])]
)
async def test_nobody_books_what_is_taken(crm: TestCrm, minutes_later: int, expected: list[str]) -> None:
    """Two viewings of one property do not overlap; one may begin when the other ends."""
    estate = await crm.make("estate")
    await crm.make("estate_viewing", estate=estate, starts_at=NOON)
    start = NOON + timedelta(minutes=minutes_later)

    assert expected == await book(crm, estate=estate, starts_at=start)


async def test_another_property_is_another_matter(crm: TestCrm) -> None:
    """At the same time one may look at another property."""
    await crm.make("estate_viewing", starts_at=NOON)

    assert [] == await book(crm, starts_at=NOON)


@pytest.mark.parametrize(
    ("status", "start", "expected"),
    [("OFFERED", NOON - timedelta(days=3650), ["IN_THE_PAST"]), ("DRAFT", NOON, ["NOT_OFFERED"])],
)
async def test_a_viewing_is_of_something_on_offer_and_to_come(
    crm: TestCrm, status: str, start: datetime, expected: list[str]
) -> None:
    """Yesterday cannot be booked, nor what is not for sale."""
    assert expected == await book(crm, estate=await crm.make("estate", status=status), starts_at=start)


async def test_what_became_of_a_viewing_can_be_said_afterwards(crm: TestCrm) -> None:
    """The rules are for booking; a viewing that was is held or missed."""
    viewing = await crm.make("estate_viewing")
    crm.clock.move(days=30)
    held = {"status": "HELD", "impression": "They liked the balcony."}
    row = await crm.run(Actor.system(), lambda work: actions.update(work, "estate_viewing", viewing["id"], held))
    await crm.run(Actor.system(), lambda work: actions.delete(work, "estate_viewing", viewing["id"]))

    assert "HELD" == row["status"]


@pytest.mark.crm_settings(plugins={"estates": {"viewing_minutes": 45}})
async def test_a_viewing_takes_as_long_as_the_settings_say(crm: TestCrm) -> None:
    """Unless somebody says otherwise."""
    usual, short = await crm.make("estate_viewing"), await crm.make("estate_viewing", minutes=15)

    assert (45, 15) == (usual["minutes"], short["minutes"])


async def test_my_viewings_are_mine_and_to_come(crm: TestCrm) -> None:
    """Colleagues' are not listed, nor those that were."""
    me = await crm.actor("sales")
    for owner, start in ((me.user_id, NOON), (me.user_id, NOON + timedelta(days=1)), (None, NOON)):
        await crm.make("estate_viewing", owner_id=owner, starts_at=start)
    crm.clock.set(NOON)
    answer = await crm.execute("{ estatesMyViewings { nodes { startsAt } } }", actor=me)

    assert [{"startsAt": "2027-03-02T12:00:00.000000Z"}] == answer["data"]["estatesMyViewings"]["nodes"]


async def reminders(crm: TestCrm) -> list[dict[str, Any]]:
    """Return the reminders that were made."""
    answer = await crm.execute('{ interactions(filter: {kind: {eq: "ESTATE_VIEWING"}}) { nodes { subject dueAt } } }')
    nodes: list[dict[str, Any]] = answer["data"]["interactions"]["nodes"]
    return nodes


async def test_an_agent_is_reminded_a_day_before(crm: TestCrm) -> None:
    """A job waits until then; it puts the viewing on the agent's list."""
    crm.clock.set(NOON - timedelta(days=7))
    estate = await crm.make("estate", title="Flat", street="Hafengasse 3")
    await crm.make("estate_viewing", estate=estate, starts_at=NOON)
    (job,) = await crm.waiting("estates.remind")
    crm.clock.set(NOON - timedelta(days=1))
    await crm.work_off()

    assert NOON - timedelta(days=1) == job.at
    assert [{"subject": "Viewing: Flat, Hafengasse 3", "dueAt": "2027-03-01T12:00:00.000000Z"}] == await reminders(crm)


async def test_a_reminder_follows_a_viewing_that_moves(crm: TestCrm) -> None:
    """The one of the old time says nothing."""
    crm.clock.set(NOON - timedelta(days=7))
    viewing = await crm.make("estate_viewing", starts_at=NOON)
    later = {"starts_at": NOON + timedelta(days=2)}
    await crm.run(Actor.system(), lambda work: actions.update(work, "estate_viewing", viewing["id"], later))
    crm.clock.set(NOON + timedelta(hours=1))
    await crm.work_off()
    early = await reminders(crm)
    crm.clock.move(days=2)
    await crm.work_off()

    assert ([], 1) == (early, len(await reminders(crm)))


@pytest.mark.crm_settings(plugins={"estates": {"remind_hours": 0}})
async def test_reminders_can_be_switched_off(crm: TestCrm) -> None:
    """Then none waits."""
    await crm.make("estate_viewing")

    assert [] == await crm.waiting("estates.remind")


async def test_a_reminder_that_was_made_is_not_made_again(crm: TestCrm) -> None:
    """The job has one id in all its attempts, and the reminder has it too."""
    crm.clock.set(NOON - timedelta(days=7))
    await crm.make("estate_viewing", starts_at=NOON)
    (waiting,) = await crm.waiting("estates.remind")
    crm.clock.set(NOON - timedelta(days=1))
    with crash_after("effect"):
        await crm.work_off()
    await crm.work_off()

    assert ("estates.remind", 1) == (waiting.name, len(await reminders(crm)))
