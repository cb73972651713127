"""Members' events: places, the waiting list, and who came."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from rewards_stage import asked, member, program, word

from crmcore import Actor, actions, errors
from crmcore.testing import Made, TestCrm

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
EVENING = NOON + timedelta(hours=7)
REGISTER = """
mutation ($event: ID!, $member: ID!) {
  loyaltyRegister(eventId: $event, memberId: $member) {
    ... on LoyaltyTicket { id status } ... on Problem { code violations { code } }
  }
}
"""


def on_ticket(name: str) -> str:
    """Return the text of a mutation of a ticket."""
    given = "... on LoyaltyTicket { id status } ... on Problem { code violations { code } }"
    return f"mutation ($id: ID!) {{ {name}(id: $id) {{ {given} }} }}"


async def occasion(crm: TestCrm, currency: Made, **values: Any) -> Made:
    """Make an event this evening."""
    crm.clock.set(NOON)
    given = {"title": "Tasting", "starts_at": EVENING, "capacity": 2}
    return await crm.make("loyalty_event", program=currency["program_id"], **{**given, **values})


async def register(crm: TestCrm, event: Made, who: Made) -> dict[str, Any]:
    """Register a member."""
    return await asked(crm, REGISTER, event=event.shown_id, member=who.shown_id)


async def standing(crm: TestCrm, event: Made) -> list[str]:
    """Return where the tickets of an event stand, the first registered first."""
    text = "query ($id: ID!) { loyaltyEvent(id: $id) { tickets { nodes { status } } } }"
    shown = await asked(crm, text, id=event.shown_id)
    return [ticket["status"] for ticket in reversed(shown["tickets"]["nodes"])]


async def test_who_finds_an_event_full_waits(crm: TestCrm) -> None:
    """And gets the place of one who cancels: whoever registered first."""
    currency = await program(crm)
    event = await occasion(crm, currency)
    tickets = []
    for _ in range(4):
        tickets.append(await register(crm, event, await member(crm, currency)))
        crm.clock.move(minutes=1)
    await asked(crm, on_ticket("loyaltyCancelTicket"), id=tickets[0]["id"])

    assert ["REGISTERED", "REGISTERED", "WAITING", "WAITING"] == [ticket["status"] for ticket in tickets]
    assert ["CANCELLED", "REGISTERED", "REGISTERED", "WAITING"] == await standing(crm, event)


async def test_places_are_not_given_twice(crm: TestCrm) -> None:
    """Twelve who register at one moment for five places."""
    currency = await program(crm)
    event = await occasion(crm, currency, capacity=5)
    guests = [await member(crm, currency) for _ in range(12)]
    tickets = await asyncio.gather(*(register(crm, event, guest) for guest in guests))
    shown = await asked(crm, "query ($id: ID!) { loyaltyEvent(id: $id) { loyaltyTaken } }", id=event.shown_id)

    assert (5, 7) == tuple(sum(t["status"] == s for t in tickets) for s in ("REGISTERED", "WAITING"))
    assert 5 == shown["loyaltyTaken"]


async def test_a_member_has_one_ticket(crm: TestCrm) -> None:
    """Who registers again, at the same moment too, keeps the one they have; who cancelled gets it back."""
    currency = await program(crm)
    event, guest = await occasion(crm, currency), await member(crm, currency)
    tickets = await asyncio.gather(*(register(crm, event, guest) for _ in range(4)))
    gone = await asked(crm, on_ticket("loyaltyCancelTicket"), id=tickets[0]["id"])
    again = await asked(crm, on_ticket("loyaltyCancelTicket"), id=tickets[0]["id"])
    back = await register(crm, event, guest)

    assert 1 == len({ticket["id"] for ticket in tickets})
    assert ("CANCELLED", gone, tickets[0]) == (gone["status"], again, back)
    assert 1 == await crm.database.fetch_value("select taken from loyalty_stock")


async def test_one_comes_once(crm: TestCrm) -> None:
    """Four doors at one moment: one lets them in."""
    currency = await program(crm)
    event = await occasion(crm, currency)
    ticket = await register(crm, event, await member(crm, currency))
    outcomes = await asyncio.gather(*(asked(crm, on_ticket("loyaltyCheckIn"), id=ticket["id"]) for _ in range(4)))
    cancelled = await asked(crm, on_ticket("loyaltyCancelTicket"), id=ticket["id"])

    assert ["ALREADY_CHECKED_IN"] * 3 + ["OK"] == sorted(map(word, outcomes))
    assert "ALREADY_CHECKED_IN" == word(cancelled)


async def test_coming_is_an_activity(crm: TestCrm) -> None:
    """Recorded once, under the event's own name, so that rules give points for it."""
    currency = await program(crm)
    event = await occasion(crm, currency, activity="TASTING")
    guest = await member(crm, currency)
    ticket = await register(crm, event, guest)
    for _ in "12":
        await asked(crm, on_ticket("loyaltyCheckIn"), id=ticket["id"])
    (activity,) = await crm.database.fetch("select member_id, action, occurred_at from loyalty_activity")

    assert (guest["id"], "TASTING", NOON) == activity


async def test_one_registers_while_it_is_open(crm: TestCrm) -> None:
    """Not before it opens, not when it is over or will not be."""
    currency = await program(crm)
    guest = await member(crm, currency)
    cases: list[tuple[dict[str, Any], int, str]] = [
        ({"cancelled": True}, 0, "EVENT_CANCELLED"),
        ({"opens_at": NOON + timedelta(hours=1)}, 0, "NOT_OPEN_YET"),
        ({}, 7, "EVENT_OVER"),
        ({"ends_at": EVENING + timedelta(hours=3)}, 8, "OK"),
    ]
    found = []
    for values, hours, _ in cases:
        event = await occasion(crm, currency, **values)
        crm.clock.move(hours=hours)
        found.append(word(await register(crm, event, guest)))

    assert [code for *_, code in cases] == found


async def test_one_comes_on_the_day(crm: TestCrm) -> None:
    """From twelve hours before it begins to its end."""
    currency = await program(crm)
    guest = await member(crm, currency)
    cases = {-6: "WRONG_TIME", 0: "OK", 19: "OK", 20: "WRONG_TIME"}
    found = {}
    for hours in cases:
        ticket = await register(crm, await occasion(crm, currency), guest)
        crm.clock.move(hours=hours)
        found[hours] = word(await asked(crm, on_ticket("loyaltyCheckIn"), id=ticket["id"]))

    assert cases == found


async def test_who_waits_does_not_come_in(crm: TestCrm) -> None:
    """Nor who has cancelled."""
    currency = await program(crm)
    event = await occasion(crm, currency, capacity=0)
    ticket = await register(crm, event, await member(crm, currency))

    assert "NO_PLACE" == word(await asked(crm, on_ticket("loyaltyCheckIn"), id=ticket["id"]))


async def test_more_places_call_up_those_who_wait(crm: TestCrm) -> None:
    """As many as there are, in order; of an event that will not be, nobody."""
    currency = await program(crm)
    event = await occasion(crm, currency, capacity=0)
    for _ in range(3):
        await register(crm, event, await member(crm, currency))
        crm.clock.move(minutes=1)
    for values in ({"capacity": 1}, {"cancelled": True}, {"capacity": 3}):
        await crm.run(Actor.system(), lambda work, v=values: actions.update(work, "loyalty_event", event["id"], v))

    assert ["REGISTERED", "WAITING", "WAITING"] == await standing(crm, event)


async def test_nobody_passes_those_who_wait(crm: TestCrm) -> None:
    """A place that is free while somebody waits is theirs."""
    currency = await program(crm)
    event = await occasion(crm, currency, capacity=0)
    await register(crm, event, await member(crm, currency))
    await crm.database.execute("update loyalty_event set capacity = 1")
    late = await register(crm, event, await member(crm, currency))

    assert "WAITING" == late["status"]


async def test_it_is_for_members_of_its_program(crm: TestCrm) -> None:
    """Who takes part, and stands as high as it asks."""
    currency, other = await program(crm), await program(crm)
    group = await crm.make("loyalty_tier_group", program=currency["program_id"], metric="VISITS", activity="VISIT")
    low, high = [await crm.make("loyalty_tier", group=group, rank=n, threshold=n * 10) for n in (1, 2)]
    event = await occasion(crm, currency, tier=high)
    guests = [await member(crm, currency) for _ in range(3)]
    for guest, tier in zip(guests, (None, low, high), strict=True):
        await stand(crm, guest, group, tier)
    outcomes = [await register(crm, event, guest) for guest in (*guests, await member(crm, other))]

    assert ["TIER_TOO_LOW", "TIER_TOO_LOW", "OK", "OTHER_PROGRAM"] == [word(one) for one in outcomes]


async def stand(crm: TestCrm, guest: Made, group: Made, tier: Made | None) -> None:
    """Put a member into a tier, whatever it takes otherwise."""
    await crm.database.execute("delete from loyalty_standing where member_id = $1", guest["id"])
    if tier is not None:
        values = {"member_id": guest["id"], "group_id": group["id"], "tier_id": tier["id"], "evaluated_at": NOON}
        await crm.run(Actor.system(), lambda work: work.insert("loyalty_standing", values))


async def test_an_event_that_somebody_comes_to_stays(crm: TestCrm) -> None:
    """It can be cancelled; and it ends after it begins."""
    currency = await program(crm)
    event = await occasion(crm, currency)
    await register(crm, event, await member(crm, currency))
    with pytest.raises(errors.Invalid, match="set cancelled"):
        await crm.run(Actor.system(), lambda work: actions.delete(work, "loyalty_event", event["id"]))
    with pytest.raises(errors.Invalid, match="ends after"):
        await occasion(crm, currency, ends_at=NOON)
