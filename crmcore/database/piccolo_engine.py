"""Piccolo's view of the database: its queries run on the same connections, inside the same transactions."""

# ruff: noqa: ARG002 - the signatures are Piccolo's

from __future__ import annotations

import sqlite3
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any, NoReturn

from piccolo.engine.base import Engine
from piccolo.querystring import QueryString

if TYPE_CHECKING:
    from crmcore.database.facade import Database

__all__ = ["CrmEngine"]


class CrmEngine(Engine[Any]):
    """What `Table._meta.db` is. Transactions are the database's: `async with database.transaction()`."""

    __slots__ = ("_database",)

    def __init__(self, database: Database) -> None:
        # Piccolo's own constructor asks the server for its version through a loop of its own; ours is asked in `open`.
        self._database = database
        self.engine_type = "sqlite" if database.dialect == "sqlite" else "postgres"
        self.min_version_number = 0
        self.log_queries = self.log_responses = False
        self.query_id = 0
        self.current_transaction = ContextVar("crm_piccolo_transaction", default=None)

    def transaction_exists(self) -> bool:
        """Say whether queries of this task belong to a transaction."""
        return self._database.in_transaction

    def get_version_sync(self) -> float:
        """Return SQLite's version, by which Piccolo chooses its SQL; it does not ask PostgreSQL's."""
        major, minor, _ = sqlite3.sqlite_version_info
        return float(f"{major}.{minor}")

    async def get_version(self) -> float:
        """Return the same."""
        return self.get_version_sync()

    async def prep_database(self) -> None:
        """Nothing is needed: no extension is used."""

    async def run_querystring(self, querystring: QueryString, in_pool: bool = True) -> list[dict[str, Any]]:
        """Run one of Piccolo's queries."""
        parts = querystring.bundle(start_index=1, bundled=[], combined_args=[])
        # Not `compile_string`: it writes `?` for SQLite, and the layer's placeholders are numbered on both.
        sql = "".join(f.prefix + ("" if f.no_arg else f"${f.index}") for f in parts[1])
        return await self._database.fetch_dicts(sql, *parts[2])

    async def run_ddl(self, ddl: str, in_pool: bool = True) -> list[dict[str, Any]]:
        """Run a statement without parameters."""
        await self._database.script([ddl])
        return []

    def transaction(self, *args: Any, **kwargs: Any) -> Any:
        """Open a transaction of the database; nested it is a savepoint, where Piccolo's own would join."""
        return self._database.transaction()

    def atomic(self) -> NoReturn:
        """Piccolo's queue of queries is not offered."""
        msg = "Piccolo's atomic() is not supported here; use `async with database.transaction()`."
        raise NotImplementedError(msg)

    async def batch(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Piccolo's cursors are not offered: they would hold a connection for as long as the reader likes."""
        msg = "Piccolo's batch() is not supported here; page by key: .where(T.id > last).order_by(T.id).limit(n)."
        raise NotImplementedError(msg)
