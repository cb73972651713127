"""Each invariant is seen to be broken when it is, and not otherwise."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

from crmcore_loyalty.verify.replaying import replayed
from crmcore_loyalty.verify.trial import trial_balance
from crmcore_loyalty.verify.verifying import violations
from world_to_verify import world

from crmcore.testing import TestCrm

_ONE = "id = (select id from {} where {} order by id limit 1)"
_ISSUED = _ONE.format("loyalty_entry", "house = 'ISSUED'")
_REDEEMED = _ONE.format("loyalty_entry", "house = 'REDEEMED'")
_GAIN = _ONE.format("loyalty_lot_move", "amount > 0")
_ENTRY, _LOT, _HOLD = "update loyalty_entry set", "update loyalty_lot set", "update loyalty_hold set"
_ACCOUNT, _TRANSACTION = "update loyalty_account set", "update loyalty_transaction set"
_SPENT = "(select m.lot_id from loyalty_lot_move m join loyalty_transaction t on t.id = m.transaction_id where t.kind = 'REDEMPTION')"
_UNDOING = "(select id from loyalty_transaction where kind = 'REVERSAL')"
_OTHER = "(select id from loyalty_lot where origin_id is not null order by id limit 1)"

_NOBODY = "'00000000-0000-7000-8000-000000000000'"

#: What somebody may do to the database, and the invariant that is then broken.
DAMAGE = (
    ("I1", f"{_ENTRY} amount = amount - 1 where {_ISSUED}"),
    ("I1", f"delete from loyalty_entry where {_REDEEMED}"),
    ("I2", f"{_ACCOUNT} available = available + 1"),
    ("I3", f"{_LOT} remaining = remaining + 1 where remaining > 0"),
    ("I3", f"{_HOLD} points = points + 1 where state = 'OPEN'"),
    ("I4", f"update loyalty_lot_move set amount = amount + 1 where {_GAIN}"),
    ("I4", f"{_LOT} original = original - 1"),
    ("I4", f"{_LOT} came_as = null"),
    ("I4", f"{_LOT} came_as = 'PENDING' where came_as = 'AVAILABLE'"),
    ("I4", f"{_LOT} spent = true where remaining > 0"),
    ("I5", f"{_ACCOUNT} available = -101, owed = 101"),
    ("I5", f"{_ACCOUNT} pending = -1"),
    ("I6", f"{_TRANSACTION} status = 'DECLINED', reason_code = 'WHY' where kind = 'TRANSFER'"),
    ("I6", f"{_TRANSACTION} fingerprint = ''"),
    ("I7", f"{_ENTRY} balance_after = balance_after + 1 where bucket = 'AVAILABLE'"),
    ("I7", f"{_ACCOUNT} last_version = last_version - 1"),
    ("I8", f"{_LOT} expires_at = earned_at where id in {_SPENT}"),
    ("I8", f"{_TRANSACTION} recorded_at = event_at, kind = 'EXPIRY' where kind = 'REDEMPTION'"),
    ("I9", f"{_TRANSACTION} points = points + 90 where kind = 'REVERSAL'"),
    ("I9", f"update loyalty_lot_move set lot_id = {_OTHER} where transaction_id in {_UNDOING}"),
    ("I10", f"{_ENTRY} number = -number where transaction_id in (select id from loyalty_transaction where kind = 'REVERSAL')"),
    ("I11", f"{_ENTRY} member_id = null where bucket = 'HELD'"),
    ("I12", "delete from loyalty_entry where house = 'EXPIRED'"),
    ("I14", f"{_HOLD} state = 'OPEN' where state = 'CAPTURED'"),
    ("I14", f"{_HOLD} state = 'EXPIRED' where state = 'VOIDED'"),
    ("I14", f"{_HOLD} captured = captured + 1 where state = 'CAPTURED'"),
    ("I15", "update loyalty_member set status = 'MERGED'"),
    ("I15", f"{_LOT} expires_at = earned_at where origin_id is not null"),
    *(("I16", f"update {table} set {column} = {_NOBODY} where {column} is not null") for table, columns in {
        "loyalty_transaction": ("currency_id", "member_id", "other_member_id", "reverses_id"),
        "loyalty_entry": ("transaction_id", "member_id", "currency_id"),
        "loyalty_lot": ("account_id", "member_id", "currency_id", "transaction_id", "origin_id"),
        "loyalty_lot_move": ("transaction_id", "lot_id", "hold_id"),
    }.items() for column in columns),
    ("I16", f"{_ENTRY} account_id = {_NOBODY} where {_ONE.format('loyalty_entry', 'account_id is not null')}"),
)  # fmt: skip

#: What replaying finds.
CHANGED = (
    ("I13", f"{_ACCOUNT} owed = owed + 1"),
    ("I13", f"{_ACCOUNT} closed = true"),
    ("I13", f"{_LOT} held = held + 1"),
    ("I13", f"{_LOT} due_at = null"),
    ("I13", f"{_HOLD} ended_at = expires_at where state = 'CAPTURED'"),
    ("I13", f"{_HOLD} state = 'VOIDED', ended_at = expires_at where state = 'OPEN'"),
    # What expires first is spent first.
    (
        "I8",
        f"{_LOT} expires_at = null where transaction_id not in (select id from loyalty_transaction where points = 50)",
    ),
)


class _Undone(Exception):
    """Ends a transaction."""


@asynccontextmanager
async def _damaged(crm: TestCrm, damage: str) -> AsyncIterator[None]:
    """Damage the ledger while a block runs."""
    with suppress(_Undone):
        async with crm.database.transaction():
            assert await crm.database.execute(damage) > 0
            yield
            raise _Undone


async def test_an_honest_ledger_keeps_them_all(crm: TestCrm) -> None:
    """After everything has happened once, nothing is wrong, slices of one row included."""
    await world(crm)

    assert [] == [one.shown async for one in violations(crm.database)]
    assert [] == [one.shown async for one in violations(crm.database, size=1)]
    assert [] == [one.shown async for one in replayed(crm.database)]


async def test_a_broken_one_is_found(crm: TestCrm) -> None:
    """By its name, with what to do."""
    await world(crm)
    for invariant, damage in DAMAGE:
        async with _damaged(crm, damage):
            found = [one async for one in violations(crm.database)]
        assert (invariant, damage) in {(one.invariant, damage) for one in found}
        assert all(one.way_out and one.what for one in found)


async def test_what_the_journal_does_not_give_is_found(crm: TestCrm) -> None:
    """By playing the journal into an empty ledger."""
    await world(crm)
    for invariant, damage in CHANGED:
        async with _damaged(crm, damage):
            found = {one.invariant async for one in replayed(crm.database)}
        assert (invariant, damage) in {(one, damage) for one in found}


async def test_the_trial_balance_is_zero(crm: TestCrm) -> None:
    """What members have is what our own accounts owe."""
    currency, _ = await world(crm)

    lines = await trial_balance(crm.database, currency)

    assert 0 == sum(line.balance for line in lines)
    assert ["AVAILABLE", "PENDING", "HELD"] == [line.account for line in lines[:3]]
    issued = next(line for line in lines if line.account == "ISSUED")
    assert (0, 210) == (issued.credit, issued.debit)
