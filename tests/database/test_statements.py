"""Statements on both databases: what goes in comes out."""

from __future__ import annotations

from crmcore.database import Database


async def test_rows_come_back_as_tuples(database: Database) -> None:
    """A row is a tuple in the order of the columns."""
    assert [(1, "a")] == await database.fetch("select 1, 'a'")


async def test_placeholders_may_repeat_and_stand_in_any_order(database: Database) -> None:
    """`$n` is the n-th parameter wherever it stands."""
    assert [("b", "a", "b")] == await database.fetch("select $2, $1, $2" if database.dialect == "sqlite" else "select $2::text, $1::text, $2::text", "a", "b")
