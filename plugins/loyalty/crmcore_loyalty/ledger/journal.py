"""Transactions on their way into the database and back; on PostgreSQL one statement writes a posting, or all of many."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from operator import attrgetter
from typing import Any
from uuid import UUID

import msgspec

from crmcore import Row, Work, errors, ids
from crmcore_loyalty.events import LoyaltyPointsChanged
from crmcore_loyalty.ledger import rows, shapes
from crmcore_loyalty.ledger.plan import Plan, Transaction
from crmcore_loyalty.ledger.shapes import Shape

__all__ = ["as_row", "decline", "post", "read", "tell", "write"]

_TRANSACTION = tuple(shapes.TRANSACTION.columns)
_of_transaction = attrgetter(*_TRANSACTION)
#: Of postings with so many rows a connection keeps the statement prepared, for each number of them; it goes out with the commit.
_FEW = 24
_encode = msgspec.json.Encoder().encode
_Written = Sequence[tuple[Shape, Sequence[tuple[Any, ...]]]]


async def read(work: Work, id: UUID) -> Row | None:
    """Return a transaction, whoever may reach it."""
    found = await work.find("loyalty_transaction", id=id)
    return found[0] if found else None


def as_row(transaction: Transaction) -> Row:
    """Return a transaction as other rows are: choices by name."""
    row: Row = dict(zip(_TRANSACTION, _of_transaction(transaction), strict=True))
    row["kind"], row["status"] = transaction.kind.name, transaction.status.name
    return row


async def decline(work: Work, transaction: Transaction) -> bool:
    """Record a refusal; say whether nothing was recorded under its id before."""
    sql = shapes.write_one(shapes.TRANSACTION) + shapes.TRANSACTION.ending
    return await work.database.execute(sql, *rows.of_transaction(transaction)) == 1


async def post(work: Work, plans: Sequence[Plan], moved: Mapping[UUID, datetime] = {}) -> list[Row]:
    """Write what was drawn up, and tell of it.

    Args:

        work: the unit of work, which has locked the accounts.
        plans: finished.
        moved: when members earned or redeemed, where that is to be noted.

    Raises:

        Contention: a transaction with the id of one of these was recorded at this very moment.
    """
    await write(work, plans, moved)
    await tell(work, plans)
    return [as_row(plan.transaction) for plan in plans]


async def write(work: Work, plans: Sequence[Plan], moved: Mapping[UUID, datetime] = {}) -> None:
    """Write what was drawn up, and leave it to the caller to `tell`; see `post`."""
    written = _parts(plans)
    if moved:
        written.append((shapes.MOVED, list(moved.items())))
    work.races.add(shapes.TRANSACTION.table)
    if work.database.dialect == "sqlite":
        await _write_each(work, written)
    elif len(plans) == 1 and sum(len(table_rows) for _, table_rows in written) <= _FEW:
        await _write_posting(work, written)
    else:
        await _write_at_once(work, written, len(plans))


def _parts(plans: Sequence[Plan]) -> list[tuple[Shape, list[tuple[Any, ...]]]]:
    """Return the rows of each table; accounts and lots that several plans touch are written once, as they are in the end."""
    accounts = {id: account for plan in plans for id, account in plan.accounts.items()}
    made = {id: lot for plan in plans for id, lot in plan.made.items()}
    lots = {id: lot for plan in plans for id, lot in plan.lots.items() if id not in made}
    opened = {hold.id: hold for plan in plans for hold in plan.opened}
    holds = {hold.id: hold for plan in plans for hold in plan.holds if hold.id not in opened}
    new = iter(ids.many(sum(len(plan.moves) + len(plan.entries) for plan in plans)))
    found: list[tuple[Shape, list[tuple[Any, ...]]]] = [
        (shapes.TRANSACTION, [rows.of_transaction(plan.transaction) for plan in plans]),
        (shapes.LOT, [rows.of_lot(lot) for lot in made.values()]),
        (shapes.LOT_LEFT, [rows.left_of_lot(lot) for lot in lots.values()]),
        (shapes.HOLD, [rows.of_hold(hold) for hold in opened.values()]),
        (shapes.HOLD_END, [rows.end_of_hold(hold) for hold in holds.values()]),
        (shapes.MOVE, [rows.of_move(plan.transaction, move, next(new)) for plan in plans for move in plan.moves]),
        (shapes.ENTRY, [rows.of_entry(plan.transaction, one, next(new)) for plan in plans for one in plan.entries]),
        (shapes.ACCOUNT, [rows.of_account(account) for account in accounts.values()]),
    ]
    return [one for one in found if one[1]]


async def _write_each(work: Work, written: _Written) -> None:
    for shape, table_rows in written:
        if len(table_rows) == 1:
            await work.database.execute(shapes.write_one(shape), *table_rows[0])
        else:
            await work.database.execute_many(shapes.write_one(shape), table_rows)


async def _write_posting(work: Work, written: _Written) -> None:
    (_, (transaction,)), *rest = written
    values = list(transaction)
    for shape, table_rows in rest:
        for row in table_rows:
            values += shape.own(row)
    sql = shapes.write_posting(tuple([(shape, len(table_rows)) for shape, table_rows in rest]))
    await work.database.later(sql, *values)


async def _write_at_once(work: Work, written: _Written, transactions: int) -> None:
    sql = _at_once(tuple(shape for shape, _ in written))
    if await work.database.fetch_value(sql, *(_as_json(*one) for one in written)) != transactions:
        msg = "A transaction with this id was recorded at this very moment; ask again for its outcome."
        raise errors.Contention(msg)


def _as_json(shape: Shape, table_rows: Sequence[tuple[Any, ...]]) -> str:
    """Return rows as the statement reads them: a list for each column, as elsewhere, takes three times as long to write."""
    names = tuple(shape.columns)
    objects = [{name: value for name, value in zip(names, row, strict=True) if value is not None} for row in table_rows]
    for name in shape.texts:
        for one in objects:
            if name in one:
                one[name] = msgspec.Raw(one[name].encode())
    return _encode(objects).decode()


@lru_cache
def _at_once(written: tuple[Shape, ...]) -> str:
    """Return one statement that writes very many rows of several tables, and counts the transactions."""
    parts = []
    for place, shape in enumerate(written, 1):
        counted = " returning 1" if shape is shapes.TRANSACTION else ""
        parts.append(f"{shape.name} as ({shapes.write_many(shape, place)}{counted})")
    return f"with {', '.join(parts)} select count(*) from {shapes.TRANSACTION.name}"


async def tell(work: Work, plans: Sequence[Plan]) -> None:
    """Tell of what was drawn up."""
    member = work.entities["loyalty_member"]
    for plan in plans:
        done = plan.transaction
        for account in plan.accounts.values():
            await work.emit(
                work.event(
                    LoyaltyPointsChanged,
                    member,
                    account.member_id,
                    transaction_id=done.id,
                    kind=done.kind.name,
                    currency_id=account.currency_id,
                    points=plan.gained[account.id],
                    available=account.available,
                    pending=account.pending,
                    held=account.held,
                    counted=account.counted,
                    pooled=account.pooled,
                )
            )
