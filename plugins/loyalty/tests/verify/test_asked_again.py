"""One request, asked again or twice at once, has one outcome: what the fault test has found not to be so."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest
from crmcore_loyalty import ledger
from crmcore_loyalty.ledger import Accrual, Redemption, Reservation
from crmcore_loyalty.program.enrolling import enrol
from world_to_verify import run

from crmcore import errors
from crmcore.testing import TestCrm

_NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


async def _three(crm: TestCrm) -> tuple[UUID, list[UUID]]:
    crm.clock.set(_NOON)
    program = await crm.make("loyalty_program", status="ACTIVE")
    currency = await crm.make("loyalty_currency", program=program)
    members = []
    for _ in range(3):
        who = (await crm.make("customer"))["id"]
        members.append((await run(crm, lambda work, who=who: enrol(work, program["id"], who)))["id"])  # type: ignore[misc]
    return currency["id"], members


async def test_what_follows_is_the_same_after_a_merge(crm: TestCrm) -> None:
    """The stored outcome is found, although somebody else has the points now."""
    points, (ada, bob, _) = await _three(crm)
    earned = await run(crm, lambda work: ledger.accrue(work, Accrual(member_id=ada, currency_id=points, points=50)))
    held = await run(crm, lambda work: ledger.reserve(work, Reservation(member_id=ada, currency_id=points, points=5)))
    undone, captured = uuid4(), uuid4()

    async def ask() -> list[UUID]:
        first = await run(crm, lambda work: ledger.reverse(work, earned["id"], 10, id=undone))
        second = await run(crm, lambda work: ledger.capture(work, held["id"], id=captured))
        return [first["id"], second["id"]]

    before = await ask()
    await run(crm, lambda work: ledger.merge(work, ada, bob))

    assert [undone, captured] == before == await ask()


async def test_a_reservation_delivered_many_times_at_once_is_one(crm: TestCrm) -> None:
    """Whoever waited for the account finds what the first one did."""
    points, (ada, *_) = await _three(crm)
    await run(crm, lambda work: ledger.accrue(work, Accrual(member_id=ada, currency_id=points, points=50)))
    asked = Reservation(member_id=ada, currency_id=points, points=20, id=uuid4())

    rows = await asyncio.gather(*(run(crm, lambda work: ledger.reserve(work, asked)) for _ in range(6)))

    assert {asked.id} == {row["id"] for row in rows}
    assert [(30, 20)] == await crm.database.fetch(
        "select available, held from loyalty_account where member_id = $1", ada
    )


async def test_a_refusal_has_one_reason(crm: TestCrm) -> None:
    """Also if another one could be given by now: the member has gone on as another."""
    points, (ada, bob, _) = await _three(crm)
    asked = Redemption(member_id=ada, currency_id=points, points=20, id=uuid4())

    with pytest.raises(errors.Declined) as first:
        await run(crm, lambda work: ledger.redeem(work, asked))
    await run(crm, lambda work: ledger.merge(work, ada, bob))
    with pytest.raises(errors.Declined) as second:
        await run(crm, lambda work: ledger.redeem(work, asked))

    assert ["INSUFFICIENT_POINTS"] * 2 == [why.value.violations[0].code for why in (first, second)]
