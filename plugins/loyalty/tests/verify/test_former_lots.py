"""Lots from before they said as what their points came: moves of their own say it, and nobody can tell."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import pytest
from crmcore_loyalty import ledger
from crmcore_loyalty.finance.months import month_of
from crmcore_loyalty.finance.reading import facts
from crmcore_loyalty.finance.statements import drawn
from crmcore_loyalty.ledger import Accrual, Redemption
from crmcore_loyalty.verify.replaying import replayed
from crmcore_loyalty.verify.verifying import violations
from world_to_verify import run, world

from crmcore import ids
from crmcore.testing import TestCrm

_CAME = "select id, transaction_id, came_as, original from loyalty_lot where came_as is not null"
_MOVE = "insert into loyalty_lot_move (id, transaction_id, lot_id, bucket, amount) values ($1, $2, $3, $4, $5)"


async def _written_as_before(crm: TestCrm) -> int:
    lots = await crm.database.fetch(_CAME)
    for lot, transaction, came_as, original in lots:
        await crm.database.execute(_MOVE, ids.new(), transaction, lot, came_as, original)
    await crm.database.execute("update loyalty_lot set came_as = null")
    return len(lots)


async def _told(crm: TestCrm, currency: UUID) -> Any:
    """What finance says: statements of two months, and what liability goes by."""
    accounts = await crm.database.fetch_dicts("select id, member_id, currency_id from loyalty_account order by id")
    months = [month_of(key, ZoneInfo("UTC")) for key in ("2027-03", "2027-04")]
    statements = [one.values() for month in months for one in await drawn(crm.database, accounts, month)]
    return statements, await facts(crm.database, currency, None, ZoneInfo("UTC"), datetime(2028, 1, 1, tzinfo=UTC))


async def test_the_ledger_is_the_same(crm: TestCrm) -> None:
    """Nothing is found wrong, the journal gives what is there, and finance says the same."""
    currency, _ = await world(crm)
    before = await _told(crm, currency)
    assert before[0]
    assert await _written_as_before(crm) > 3

    assert before == await _told(crm, currency)
    assert [] == [one.shown async for one in violations(crm.database)]
    assert [] == [one.shown async for one in replayed(crm.database)]


@pytest.mark.parametrize("former", [True, False])
async def test_what_was_given_back_before_counts(crm: TestCrm, former: bool) -> None:
    """Into new lots, since those it came from have expired: no more comes back for a lot than was taken of it."""
    currency, (ada, _) = await world(crm)
    await crm.database.execute("update loyalty_currency set restore_days = 10")
    earned, asked = (
        kind(member_id=ada, currency_id=currency, points=n) for kind, n in ((Accrual, 30), (Redemption, 80))
    )
    await run(crm, lambda work: ledger.accrue(work, earned))
    spent = await run(crm, lambda work: ledger.redeem(work, asked))
    crm.clock.move(days=40)
    await run(crm, lambda work: ledger.reverse(work, spent["id"], 60))
    if former:
        await _written_as_before(crm)

    await run(crm, lambda work: ledger.reverse(work, spent["id"]))

    assert [] == [one.shown async for one in violations(crm.database)]
    assert 80 == await crm.database.fetch_value(
        "select sum(remaining) from loyalty_lot where expires_at > $1", crm.clock.now()
    )
