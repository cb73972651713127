"""Transactions on their way into the database and back; on PostgreSQL one statement writes a posting, and very many are loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from operator import attrgetter
from typing import Any
from uuid import UUID

from crmcore import Row, Work, ids
from crmcore_loyalty.events import LoyaltyPointsChanged
from crmcore_loyalty.ledger import rows, shapes
from crmcore_loyalty.ledger.plan import Plan, Transaction
from crmcore_loyalty.ledger.shapes import Shape
from crmcore_loyalty.sets import among

__all__ = ["as_row", "decline", "post", "read", "read_many", "tell", "write"]

_TRANSACTION = shapes.TRANSACTION.names
_of_transaction = attrgetter(*_TRANSACTION)
#: Of postings with so many rows a connection keeps the statement prepared, for each number of them; it goes out with the commit.
_FEW = 24
#: So many postings go out with the commit, a statement a table; more are loaded.
_GROUP = 100
_Written = Sequence[tuple[Shape, Sequence[tuple[Any, ...]]]]


async def read(work: Work, id: UUID) -> Row | None:
    """Return a transaction, whoever may reach it."""
    found = await work.find("loyalty_transaction", id=id)
    return found[0] if found else None


async def read_many(work: Work, wanted: Sequence[UUID]) -> dict[UUID, Row]:
    """Return those transactions of some ids that there are, by id, whoever may reach them."""
    sql = f"select t.id from loyalty_transaction t where {among(work.database.dialect, 't.id', 1)}"
    there = [row["id"] for row in await work.rows(sql, list(wanted))]
    return {id: row for id in there if (row := await read(work, id)) is not None}


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

        UniqueViolation: a transaction with the id of one of these was recorded at this very moment, now or with the commit;
            the unit runs again, and finds it.
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
    elif len(plans) <= _GROUP:
        await _write_group(work, written)
    else:
        await _write_at_once(work, written)


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


async def _write_group(work: Work, written: _Written) -> None:
    for shape, table_rows in written:
        await work.database.later(shapes.write_many(shape), *map(list, zip(*table_rows, strict=True)))


async def _write_at_once(work: Work, written: _Written) -> None:
    for shape, table_rows in written:
        if shape.inserts:
            await work.database.load(shape.table, shape.names, table_rows)
        else:
            await _write_group(work, [(shape, table_rows)])


async def tell(work: Work, plans: Sequence[Plan]) -> None:
    """Tell of what was drawn up."""
    member = work.entities["loyalty_member"]
    for plan in plans:
        done = plan.transaction
        for account in plan.accounts.values():
            available, pending, held = plan.left[account.id]
            await work.emit(
                work.event(
                    LoyaltyPointsChanged,
                    member,
                    account.member_id,
                    transaction_id=done.id,
                    kind=done.kind.name,
                    currency_id=account.currency_id,
                    points=plan.gained[account.id],
                    available=available,
                    pending=pending,
                    held=held,
                    counted=account.counted,
                    pooled=account.pooled,
                )
            )
