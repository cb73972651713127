"""The ledger's columns as they are written together, and the statements that write one row of them or many."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

__all__ = [
    "ACCOUNT",
    "ENTRY",
    "HOLD",
    "HOLD_END",
    "LOT",
    "LOT_LEFT",
    "MOVE",
    "MOVED",
    "TRANSACTION",
    "Shape",
    "insert_few",
    "write_many",
    "write_one",
]

_UUID, _TEXT, _BIGINT, _BOOL, _INSTANT, _JSON = "uuid", "text", "bigint", "boolean", "timestamptz", "jsonb"


@dataclass(frozen=True, eq=False)
class Shape:
    """Columns that are written together.

    Attributes:

        name: of the part in a statement with several.
        table: where.
        columns: their PostgreSQL types by name, the first is the id.
        inserts: whether rows are new; otherwise the rest is set where the id is the first.
        ending: what an insert of many rows ends with.
    """

    name: str
    table: str
    columns: Mapping[str, str]
    inserts: bool = True
    ending: str = ""


TRANSACTION = Shape(
    "posted",
    "loyalty_transaction",
    {
        "id": _UUID,
        "kind": _TEXT,
        "status": _TEXT,
        "reason_code": _TEXT,
        "reason": _TEXT,
        "currency_id": _UUID,
        "member_id": _UUID,
        "other_member_id": _UUID,
        "points": _BIGINT,
        "event_at": _INSTANT,
        "recorded_at": _INSTANT,
        "reverses_id": _UUID,
        "source_type": _TEXT,
        "source_id": _TEXT,
        "fingerprint": _TEXT,
        "actor": _JSON,
        "trace": _JSON,
    },
    ending=" on conflict (id) do nothing returning 1",
)
ENTRY = Shape(
    "entered",
    "loyalty_entry",
    {
        "id": _UUID,
        "transaction_id": _UUID,
        "account_id": _UUID,
        "member_id": _UUID,
        "bucket": _TEXT,
        "house": _TEXT,
        "currency_id": _UUID,
        "amount": _BIGINT,
        "balance_after": _BIGINT,
        "number": _BIGINT,
        "event_at": _INSTANT,
        "recorded_at": _INSTANT,
    },
)
_LEFT = {"remaining": _BIGINT, "pending": _BIGINT, "held": _BIGINT, "spent": _BOOL, "due_at": _INSTANT}
LOT = Shape(
    "made",
    "loyalty_lot",
    {
        "id": _UUID,
        "account_id": _UUID,
        "member_id": _UUID,
        "currency_id": _UUID,
        "transaction_id": _UUID,
        "origin_id": _UUID,
        "earned_at": _INSTANT,
        "active_at": _INSTANT,
        "expires_at": _INSTANT,
        "original": _BIGINT,
        **_LEFT,
    },
)
LOT_LEFT = Shape("left_over", "loyalty_lot", {"id": _UUID, **_LEFT}, inserts=False)
MOVE = Shape(
    "moved",
    "loyalty_lot_move",
    {
        "id": _UUID,
        "transaction_id": _UUID,
        "lot_id": _UUID,
        "bucket": _TEXT,
        "amount": _BIGINT,
        "hold_id": _UUID,
    },
)
_STATE = {"state": _TEXT, "captured": _BIGINT, "ended_at": _INSTANT}
_WHOSE = {"account_id": _UUID, "member_id": _UUID}
HOLD = Shape(
    "opened",
    "loyalty_hold",
    {"id": _UUID, **_WHOSE, "currency_id": _UUID, "points": _BIGINT, "expires_at": _INSTANT, **_STATE},
    # Its id is the transaction's: whose insert then says that it was there.
    ending=" on conflict (id) do nothing",
)
HOLD_END = Shape("ended", "loyalty_hold", {"id": _UUID, **_WHOSE, **_STATE}, inserts=False)
ACCOUNT = Shape(
    "accounts",
    "loyalty_account",
    {
        "id": _UUID,
        "available": _BIGINT,
        "pending": _BIGINT,
        "held": _BIGINT,
        "owed": _BIGINT,
        "accrued": _BIGINT,
        "redeemed": _BIGINT,
        "expired": _BIGINT,
        "last_version": _BIGINT,
        "closed": _BOOL,
        "expires_at": _INSTANT,
    },
    inserts=False,
)
#: When members last earned or redeemed.
MOVED = Shape("members", "loyalty_member", {"id": _UUID, "active_at": _INSTANT}, inserts=False)


@lru_cache
def insert_few(shape: Shape, rows: int = 1) -> str:
    """Return the statement that writes a few new rows, without what comes after it."""
    width = len(shape.columns)
    places = (", ".join(f"${n}" for n in range(start, start + width)) for start in range(1, rows * width + 1, width))
    return f"insert into {shape.table} ({', '.join(shape.columns)}) values ({'), ('.join(places)})"


@lru_cache
def write_one(shape: Shape) -> str:
    """Return the statement that writes one row, on either database."""
    if shape.inserts:
        return insert_few(shape)
    sets = ", ".join(f"{column} = ${n}" for n, column in enumerate(shape.columns, 1) if n > 1)
    return f"update {shape.table} set {sets} where id = $1"


def write_many(shape: Shape, start: int) -> str:
    """Return the statement that writes many rows from one array a column, with placeholders from `start`; PostgreSQL's."""
    names = ", ".join(shape.columns)
    arrays = ", ".join(
        f"${n}::{_TEXT if kind == _JSON else kind}[]" for n, kind in enumerate(shape.columns.values(), start)
    )
    if shape.inserts:
        casts = ", ".join(f"{name}::jsonb" if kind == _JSON else name for name, kind in shape.columns.items())
        return f"insert into {shape.table} ({names}) select {casts} from unnest({arrays}) as v({names}){shape.ending}"
    sets = ", ".join(f"{name} = v.{name}" for name in shape.columns if name != "id")
    return f"update {shape.table} t set {sets} from unnest({arrays}) as v({names}) where t.id = v.id"
