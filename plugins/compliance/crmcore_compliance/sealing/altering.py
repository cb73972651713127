"""Columns of dates and numbers as texts, where a database insists on types: PostgreSQL takes ciphertext in no others."""

from __future__ import annotations

from typing import Final

from crmcore import Database, Entity

__all__ = ["as_declared", "as_text", "is_text"]

_TYPE: Final = """
    select data_type from information_schema.columns
    where table_schema = current_schema() and table_name = $1 and column_name = $2
"""


async def is_text(database: Database, entity: Entity, column: str) -> bool:
    """Say whether a column takes texts; in SQLite all do."""
    if database.dialect == "sqlite":
        return True
    return bool(await database.fetch_value(_TYPE, entity.tablename, column) == "text")


async def as_text(database: Database, entity: Entity, column: str) -> None:
    """Make a column one of texts, once; nobody else can use the table meanwhile, and all of it is written anew."""
    if not await is_text(database, entity, column):
        async with database.schema_transaction():
            await database.script(
                [f"alter table {entity.tablename} alter column {column} type text using {column}::text"]
            )


async def as_declared(database: Database, entity: Entity, column: str) -> None:
    """Give a column its declared type again, once nothing of it is sealed."""
    if database.dialect == "postgresql":
        kind = entity.facts[column].kind.postgresql
        async with database.schema_transaction():
            await database.script(
                [f"alter table {entity.tablename} alter column {column} type {kind} using {column}::{kind}"]
            )
