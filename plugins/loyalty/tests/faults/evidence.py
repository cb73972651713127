"""What is found afterwards: the ledger's tables, read by the databases' own drivers."""

from __future__ import annotations

import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from typing import Any, TypeAlias

import asyncpg

__all__ = ["Evidence", "Row", "collect", "execute"]

Row: TypeAlias = Mapping[str, Any]

_QUERIES = {
    "transactions": "select cast(id as text) as id, kind, status, reason_code, points, actor, "
    "cast(member_id as text) as member_id, cast(other_member_id as text) as other_member_id, "
    "cast(currency_id as text) as currency_id, cast(reverses_id as text) as reverses_id from loyalty_transaction",
    "entries": "select cast(transaction_id as text) as transaction_id, cast(account_id as text) as account_id, "
    "bucket, house, amount, number from loyalty_entry order by account_id, number",
    "accounts": "select cast(id as text) as id, cast(member_id as text) as member_id, "
    "cast(currency_id as text) as currency_id, available, pending, held from loyalty_account",
    "currencies": "select cast(id as text) as id from loyalty_currency",
    "due": "select cast(id as text) as id, remaining from loyalty_lot where remaining > 0 and expires_at <= {now}",
    "dead": "select name, error from crm_job where state = 6 and name like 'loyalty%'",
}


@dataclass(frozen=True)
class Evidence:
    """The ledger after a run.

    Attributes:

        transactions: by id.
        entries: of accounts, in their order; our own have no account.
        by_transaction: the same by transaction.
        accounts: what members have.
        currencies: ids.
        due: lots with something left whose time has come.
        dead: jobs that were given up.
    """

    transactions: Mapping[str, Row]
    entries: Sequence[Row]
    by_transaction: Mapping[str, Sequence[Row]]
    accounts: Sequence[Row]
    currencies: Sequence[str]
    due: Sequence[Row]
    dead: Sequence[Row]


async def collect(url: str, now: str) -> Evidence:
    """Read everything that checks look at.

    Args:

        url: of the database.
        now: the present instant of the run's clock, as text.
    """
    found = {name: await execute(url, sql.format(now=f"'{now}'")) for name, sql in _QUERIES.items()}
    by_transaction: dict[str, list[Row]] = defaultdict(list)
    for entry in found["entries"]:
        by_transaction[entry["transaction_id"]].append(entry)
    return Evidence(
        transactions={row["id"]: row for row in found["transactions"]},
        entries=found["entries"],
        by_transaction=by_transaction,
        accounts=found["accounts"],
        currencies=[row["id"] for row in found["currencies"]],
        due=found["due"],
        dead=found["dead"],
    )


async def execute(url: str, sql: str) -> list[Row]:
    """Run one statement, without crmcore; return its rows."""
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"), timeout=10)) as connection, connection:
            connection.row_factory = sqlite3.Row
            return [dict(row) for row in connection.execute(sql)]
    plain = await asyncpg.connect(url, timeout=10)
    try:
        return [dict(row) for row in await plain.fetch(sql)]
    finally:
        await plain.close()
