"""What members of the demonstration did: ordered, earned, took rewards, registered; one after the other as it happened."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from crmcore import Actor, Seeding, Work, errors
from crmcore_loyalty.earning.settling import settle
from crmcore_loyalty.rewards import occasions, purchasing
from crmcore_loyalty.tiers import reading
from crmcore_loyalty.tiers.requalify import requalify

__all__ = ["live"]

_EVERY = 10
_PAID = "select id, paid_at from orders_order where customer_id = $1 and paid_at is not null and paid_at < $2"


async def live(seeding: Seeding, program_id: UUID) -> None:
    """Let some customers' orders earn, and some of what was earned be spent."""
    chosen = seeding.made["customer"][::_EVERY]
    orders = [order for customer in chosen for order in await _orders(seeding, customer)]
    (program,) = await _at(seeding, seeding.now).find("loyalty_program", id=program_id)
    for order in sorted(orders, key=lambda order: (order["paid_at"], str(order["id"]))):
        await settle(_at(seeding, order["paid_at"]), program, order["id"])
    members = await _at(seeding, seeding.now).find("loyalty_member", program_id=program_id)
    members.sort(key=lambda member: (member["enrolled_at"], str(member["customer_id"])))
    await _spend(seeding, program_id, members)
    await _register(seeding, program_id, members)
    await _stand(seeding, members)


async def _orders(seeding: Seeding, customer: UUID) -> list[dict[str, Any]]:
    return await seeding.crm.database.fetch_dicts(_PAID, customer, seeding.now)


async def _spend(seeding: Seeding, program_id: UUID, members: list[dict[str, Any]]) -> None:
    rewards = sorted(
        await _at(seeding, seeding.now).find("loyalty_reward", program_id=program_id), key=lambda reward: reward["code"]
    )
    # At the end, when nothing is earned any more: the ledger books in the order of time.
    work = _at(seeding, seeding.now)
    for member in members:
        reward, spends = seeding.random.choice(rewards), seeding.random.random() < 0.5
        if not spends:
            continue
        try:
            async with work.savepoint():
                await purchasing.purchase(work, reward["id"], member["id"], 1)
        except errors.Declined:
            # Not everybody has points enough for what they would like.
            continue


async def _register(seeding: Seeding, program_id: UUID, members: list[dict[str, Any]]) -> None:
    work = _at(seeding, seeding.now)
    for event in await work.find("loyalty_event", program_id=program_id):
        for member in members[::3]:
            await occasions.register(work, event["id"], member)


async def _stand(seeding: Seeding, members: list[dict[str, Any]]) -> None:
    work = _at(seeding, seeding.now)
    for ladder in await reading.ladders(work.database):
        await requalify(work, ladder, [member["id"] for member in members])


def _at(seeding: Seeding, at: datetime) -> Work:
    """Return a unit of work of an instant of the past; nobody is told of what it does, as of all demonstration data."""
    crm = seeding.crm
    actor = Actor.system("seed")
    work = Work(crm.database, crm.entities, crm.registries, crm.handlers, actor, crm.settings, routines=crm.routines)
    work.now = at
    return work
