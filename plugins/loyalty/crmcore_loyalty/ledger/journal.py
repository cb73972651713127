"""Transactions on their way into the database and back; on PostgreSQL one statement writes all of many."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from functools import lru_cache
from itertools import chain
from typing import Any
from uuid import UUID

from crmcore import Row, Work, errors, ids
from crmcore_loyalty.events import LoyaltyPointsChanged
from crmcore_loyalty.ledger import rows, shapes
from crmcore_loyalty.ledger.plan import Plan, Transaction
from crmcore_loyalty.ledger.shapes import Shape

__all__ = ["as_row", "decline", "post", "read"]

_TRANSACTION = shapes.TRANSACTION.columns
#: So many rows are statements of their own on PostgreSQL, which all go out with the commit.
_FEW = 24


async def read(work: Work, id: UUID) -> Row | None:
    """Return a transaction, whoever may reach it."""
    found = await work.find("loyalty_transaction", id=id)
    return found[0] if found else None


def as_row(transaction: Transaction) -> Row:
    """Return a transaction as other rows are: choices by name."""
    row = {name: getattr(transaction, name) for name in _TRANSACTION}
    return row | {"kind": transaction.kind.name, "status": transaction.status.name}


async def decline(work: Work, transaction: Transaction) -> bool:
    """Record a refusal; say whether nothing was recorded under its id before."""
    sql = f"{shapes.insert_few(shapes.TRANSACTION)} on conflict (id) do nothing"
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
    written = _parts(plans)
    if moved:
        written.append((shapes.MOVED, [(id, at) for id, at in moved.items()]))
    work.races.add(shapes.TRANSACTION.table)
    if work.database.dialect == "sqlite":
        await _write_each(work, written)
    elif sum(len(table_rows) for _, table_rows in written) <= _FEW:
        await _write_later(work, written)
    else:
        await _write_at_once(work, written, len(plans))
    for plan in plans:
        await _tell(work, plan)
    return [as_row(plan.transaction) for plan in plans]


def _parts(plans: Sequence[Plan]) -> list[tuple[Shape, list[tuple[Any, ...]]]]:
    """Return the rows of each table; accounts and lots that several plans touch are written once, as they are in the end."""
    accounts = {id: account for plan in plans for id, account in plan.accounts.items()}
    made = {id: lot for plan in plans for id, lot in plan.made.items()}
    lots = {id: lot for plan in plans for id, lot in plan.lots.items() if id not in made}
    opened = {hold.id: hold for plan in plans for hold in plan.opened}
    holds = {hold.id: hold for plan in plans for hold in plan.holds if hold.id not in opened}
    found: list[tuple[Shape, Iterable[tuple[Any, ...]]]] = [
        (shapes.TRANSACTION, (rows.of_transaction(plan.transaction) for plan in plans)),
        (shapes.LOT, map(rows.of_lot, made.values())),
        (shapes.LOT_LEFT, map(rows.left_of_lot, lots.values())),
        (shapes.HOLD, map(rows.of_hold, opened.values())),
        (shapes.HOLD_END, map(rows.end_of_hold, holds.values())),
        (shapes.MOVE, (rows.of_move(plan.transaction, move, ids.new()) for plan in plans for move in plan.moves)),
        (shapes.ENTRY, (rows.of_entry(plan.transaction, entry, ids.new()) for plan in plans for entry in plan.entries)),
        (shapes.ACCOUNT, map(rows.of_account, accounts.values())),
    ]
    return [(shape, made_of) for shape, one in found if (made_of := list(one))]


async def _write_each(work: Work, written: Iterable[tuple[Shape, list[tuple[Any, ...]]]]) -> None:
    for shape, table_rows in written:
        if len(table_rows) == 1:
            await work.database.execute(shapes.write_one(shape), *table_rows[0])
        else:
            await work.database.execute_many(shapes.write_one(shape), table_rows)


async def _write_later(work: Work, written: Iterable[tuple[Shape, list[tuple[Any, ...]]]]) -> None:
    for shape, table_rows in written:
        if shape.inserts:
            sql = shapes.insert_few(shape, len(table_rows))
            await work.database.later(sql, *chain.from_iterable(table_rows))
        else:
            for row in table_rows:
                await work.database.later(shapes.write_one(shape), *row)


async def _write_at_once(work: Work, written: Sequence[tuple[Shape, list[tuple[Any, ...]]]], transactions: int) -> None:
    sql = _at_once(tuple(shape for shape, _ in written))
    columns = [list(column) for _, table_rows in written for column in zip(*table_rows, strict=True)]
    if await work.database.fetch_value(sql, *columns) != transactions:
        msg = "A transaction with this id was recorded at this very moment; ask again for its outcome."
        raise errors.Contention(msg)


@lru_cache
def _at_once(written: tuple[Shape, ...]) -> str:
    """Return one statement that writes rows of several tables from an array a column, and counts the transactions."""
    parts, start = [], 1
    for shape in written:
        parts.append(f"{shape.name} as ({shapes.write_many(shape, start)})")
        start += len(shape.columns)
    return f"with {', '.join(parts)} select count(*) from {shapes.TRANSACTION.name}"


async def _tell(work: Work, plan: Plan) -> None:
    done = plan.transaction
    for account in plan.accounts.values():
        await work.emit(
            work.event(
                LoyaltyPointsChanged,
                work.entities["loyalty_member"],
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
