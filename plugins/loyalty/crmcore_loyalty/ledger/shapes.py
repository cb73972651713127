"""The ledger's columns as they are written together, and the statements that write them: a row, a posting, or changes of very many rows."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from operator import itemgetter
from typing import Any

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
    "write_many",
    "write_one",
    "write_posting",
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
        ending: what an insert ends with where another process may have been quicker.
        shared: columns that have the value of one of their transaction's, by its name.
    """

    name: str
    table: str
    columns: Mapping[str, str]
    inserts: bool = True
    ending: str = ""
    shared: Mapping[str, str] = field(default_factory=dict)

    @cached_property
    def own(self) -> Callable[[Sequence[Any]], tuple[Any, ...]]:
        """What takes the values out of a row that it does not share with its transaction."""
        return itemgetter(*(n for n, name in enumerate(self.columns) if name not in self.shared))

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The columns."""
        return tuple(self.columns)

    @property
    def width(self) -> int:
        """How many values that are."""
        return len(self.columns) - len(self.shared)


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
    ending=" on conflict (id) do nothing",
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
    shared={
        "transaction_id": "id",
        "currency_id": "currency_id",
        "event_at": "event_at",
        "recorded_at": "recorded_at",
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
        "came_as": _TEXT,
        **_LEFT,
    },
    shared={"transaction_id": "id"},
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
    shared={"transaction_id": "id"},
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
def write_one(shape: Shape) -> str:
    """Return the statement that writes one row, on either database."""
    if shape.inserts:
        places = ", ".join(f"${n}" for n in range(1, len(shape.columns) + 1))
        return f"insert into {shape.table} ({', '.join(shape.columns)}) values ({places})"
    return f"update {shape.table} set {_sets(shape, 1)} where id = $1"


@lru_cache(256)
def write_posting(parts: tuple[tuple[Shape, int], ...]) -> str:
    """Return the statement that writes one transaction with so many rows of some shapes; PostgreSQL's.

    Its values are those of the transaction, and then what each row has that the transaction has not (`Shape.own`).
    """
    if not parts:  # It was declined.
        return write_one(TRANSACTION)
    given = {name: n for n, name in enumerate(TRANSACTION.columns, 1)}
    place, written = len(given) + 1, []
    for shape, count in parts:
        places = [_places(shape, given, place + n * shape.width) for n in range(count)]
        if shape.inserts:
            rows = ", ".join(f"({', '.join(one)})" for one in places)
            sql = f"insert into {shape.table} ({', '.join(shape.columns)}) values {rows}{shape.ending}"
            written.append(f"{shape.name} as ({sql})")
        else:
            starts = [place + n * shape.width for n in range(count)]
            written += [
                f"{shape.name}_{n} as (update {shape.table} set {_sets(shape, n)} where id = ${n})" for n in starts
            ]
        place += count * shape.width
    return f"with {', '.join(written)} {write_one(TRANSACTION)}"


@lru_cache
def write_many(shape: Shape) -> str:
    """Return the statement that writes many rows, given as a list for each column; PostgreSQL's."""
    lists = ", ".join(f"${n}::{kind}[]" for n, kind in enumerate(shape.columns.values(), 1))
    listed = ", ".join(shape.columns)
    if shape.inserts:
        return f"insert into {shape.table} ({listed}) select * from unnest({lists})"
    sets = ", ".join(f"{name} = v.{name}" for name in shape.columns if name != "id")
    return f"update {shape.table} t set {sets} from unnest({lists}) as v({listed}) where t.id = v.id"


def _sets(shape: Shape, start: int) -> str:
    return ", ".join(f"{name} = ${n}" for n, name in enumerate(shape.columns, start) if n > start)


def _places(shape: Shape, given: Mapping[str, int], place: int) -> list[str]:
    found = []
    for name in shape.columns:
        if name in shape.shared:
            found.append(f"${given[shape.shared[name]]}")
        else:
            found.append(f"${place}")
            place += 1
    return found
