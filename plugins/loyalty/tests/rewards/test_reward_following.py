"""Members who go on as others take along what they have; who leaves frees what they had taken."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

from rewards_stage import asked, member, program, word

from crmcore.testing import Made, TestCrm

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)
REGISTER = "mutation ($e: ID!, $m: ID!) { loyaltyRegister(eventId: $e, memberId: $m) { ... on LoyaltyTicket { id } } }"
CANCEL = "mutation ($id: ID!) { loyaltyCancelTicket(id: $id) { __typename } }"
MERGE = "mutation ($from: ID!, $into: ID!) { loyaltyMergeMembers(fromId: $from, intoId: $into) { __typename } }"
HAS = """
query ($id: ID!) { loyaltyMember(id: $id) {
  vouchers { totalCount } rewardPurchases { totalCount } tickets { nodes { event { title } status } }
} }
"""


async def has(crm: TestCrm, who: Made) -> dict[str, Any]:
    """Return what a member has: how many vouchers and purchases, and where tickets stand by event."""
    shown = await asked(crm, HAS, id=who.shown_id)
    tickets = {ticket["event"]["title"]: ticket["status"] for ticket in shown["tickets"]["nodes"]}
    return {"vouchers": shown["vouchers"]["totalCount"], "purchases": shown["rewardPurchases"]["totalCount"]} | tickets


async def test_who_goes_on_as_another_takes_along_what_they_have(crm: TestCrm) -> None:
    """Vouchers, purchases, and tickets: of two for one event, one place is free again."""
    crm.clock.set(NOON)
    currency = await program(crm)
    gone, stays = await member(crm, currency, 100), await member(crm, currency)
    reward = await crm.make("loyalty_reward", currency=currency, kind="DISCOUNT", percent=5)
    text = "mutation ($r: ID!, $m: ID!) { loyaltyPurchaseReward(rewardId: $r, memberId: $m) { __typename } }"
    await asked(crm, text, r=reward.shown_id, m=gone.shown_id)
    for title in ("mine", "both", "changed"):
        values = {"starts_at": NOON + timedelta(days=1), "capacity": 2, "title": title}
        event = await crm.make("loyalty_event", program=currency["program_id"], **values)
        await asked(crm, REGISTER, e=event.shown_id, m=gone.shown_id)
        if title != "mine":
            ticket = await asked(crm, REGISTER, e=event.shown_id, m=stays.shown_id)
        if title == "changed":
            await asked(crm, CANCEL, id=ticket["id"])
    await asked(crm, MERGE, **{"from": gone.shown_id, "into": stays.shown_id})
    places = "{ loyaltyEvents { nodes { title loyaltyTaken } } }"
    taken = {node["title"]: node["loyaltyTaken"] for node in (await asked(crm, places))["nodes"]}

    assert {"vouchers": 1, "purchases": 1} | dict.fromkeys(("mine", "both", "changed"), "REGISTERED") == await has(
        crm, stays
    )
    assert {"vouchers": 0, "purchases": 0, "both": "CANCELLED", "changed": "CANCELLED"} == await has(crm, gone)
    assert {"mine": 1, "both": 1, "changed": 1} == taken


async def test_who_leaves_frees_their_place(crm: TestCrm) -> None:
    """For who waits; what was stays as it was."""
    crm.clock.set(NOON)
    currency = await program(crm)
    leaves, waits = await member(crm, currency), await member(crm, currency)
    values = {"starts_at": NOON + timedelta(days=1), "capacity": 1, "title": "soon"}
    event = await crm.make("loyalty_event", program=currency["program_id"], **values)
    for who in (leaves, waits):
        await asked(crm, REGISTER, e=event.shown_id, m=who.shown_id)
    text = "mutation ($id: ID!) { loyaltyClose(memberId: $id) { ... on Problem { code violations { code } } } }"
    closed = await asked(crm, text, id=leaves.shown_id)

    assert "OK" == word(closed)
    assert ("CANCELLED", "REGISTERED") == ((await has(crm, leaves))["soon"], (await has(crm, waits))["soon"])
