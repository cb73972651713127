"""The ledger's rows as the database takes them: the values of each of the `shapes`, in their order."""

from __future__ import annotations

import json
from typing import Any
from uuid import UUID

import msgspec

from crmcore_loyalty.ledger.plan import Entry, Move, Transaction
from crmcore_loyalty.ledger.state import Account, Hold, Lot

__all__ = [
    "end_of_hold",
    "left_of_lot",
    "of_account",
    "of_entry",
    "of_hold",
    "of_lot",
    "of_move",
    "of_transaction",
]

_encode_actor = msgspec.json.Encoder().encode
#: `json.dumps` would make an encoder each time.
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"), default=str).encode


def of_transaction(one: Transaction) -> tuple[Any, ...]:
    """Return the values of a transaction."""
    return (
        one.id,
        one.kind._name_,
        one.status._name_,
        one.reason_code,
        one.reason,
        one.currency_id,
        one.member_id,
        one.other_member_id,
        one.points,
        one.event_at,
        one.recorded_at,
        one.reverses_id,
        one.source_type,
        one.source_id,
        one.fingerprint,
        _encode_actor(one.actor).decode(),
        _json(one.trace),
    )


def of_entry(done: Transaction, one: Entry, id: UUID) -> tuple[Any, ...]:
    """Return the values of an entry."""
    account = one.account
    return (
        id,
        done.id,
        account and account.id,
        account and account.member_id,
        one.bucket and one.bucket._name_,
        one.house and one.house._name_,
        done.currency_id,
        one.amount,
        one.balance_after,
        one.number,
        done.event_at,
        done.recorded_at,
    )


def of_lot(one: Lot) -> tuple[Any, ...]:
    """Return the values of a new lot."""
    return (
        one.id,
        one.account_id,
        one.member_id,
        one.currency_id,
        one.transaction_id,
        one.origin_id,
        one.earned_at,
        one.active_at,
        one.expires_at,
        one.original,
        one.came_as and one.came_as._name_,
        *_left(one),
    )


def left_of_lot(one: Lot) -> tuple[Any, ...]:
    """Return what changes of a lot."""
    return one.id, *_left(one)


def of_move(done: Transaction, one: Move, id: UUID) -> tuple[Any, ...]:
    """Return the values of a move."""
    return id, done.id, one.lot_id, one.bucket._name_, one.amount, one.hold_id


def of_hold(one: Hold) -> tuple[Any, ...]:
    """Return the values of a new hold."""
    return one.id, one.account_id, one.member_id, one.currency_id, one.points, one.expires_at, *_state(one)


def end_of_hold(one: Hold) -> tuple[Any, ...]:
    """Return what changes of a hold."""
    return one.id, one.account_id, one.member_id, *_state(one)


def of_account(one: Account) -> tuple[Any, ...]:
    """Return what changes of an account."""
    return (
        one.id,
        one.available,
        one.pending,
        one.held,
        one.owed,
        one.accrued,
        one.redeemed,
        one.expired,
        one.last_version,
        one.closed,
        one.expires_at,
    )


def _left(lot: Lot) -> tuple[Any, ...]:
    return lot.remaining, lot.pending, lot.held, lot.spent, lot.due_at


def _state(hold: Hold) -> tuple[Any, ...]:
    return hold.state._name_, hold.captured, hold.ended_at


def _json(value: Any) -> str | None:
    return None if value is None else _encode(value)
