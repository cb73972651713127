"""Piccolo's queries on our connections."""

from __future__ import annotations

import json
from contextlib import suppress
from datetime import UTC, datetime

import pytest

from crmcore.database import Database, UniqueViolation, ids
from tests.database.tables import Author, Book, Everything


async def test_queries_of_all_sorts_work(library: Database) -> None:
    """Insert, select through a link, update, count, delete."""
    author = Author(id=ids.new(), name="Ana")
    await author.save()
    await Book.insert(*(Book(id=ids.new(), author_id=author.id, title=f"Book {n}", copies=n) for n in range(3)))
    found = await Book.select(Book.title, Book.author_id.name).where(Book.copies > 0).order_by(Book.title)
    assert [{"title": f"Book {n}", "author_id.name": "Ana"} for n in (1, 2)] == found
    await Book.update({Book.copies: Book.copies + 10}).where(Book.copies == 2)
    assert 12 == (await Book.objects().where(Book.title == "Book 2").first()).copies
    assert 3 == await Book.count()
    await Book.delete().where(Book.copies < 10)
    assert [12] == await Book.select(Book.copies).output(as_list=True)


async def test_values_are_those_of_the_layer(library: Database) -> None:
    """Aware instants, ids, truth, and JSON as text."""
    moment = datetime(2026, 1, 31, 9, 30, 0, 7, tzinfo=UTC)
    await Everything.insert(Everything(id=ids.new(), moment=moment, flag=True, tree={"a": [1]}, big=2**40))
    row = await Everything.select().first()
    assert (moment, True, 2**40) == (row["moment"], row["flag"], row["big"])
    assert {"a": [1]} == json.loads(row["tree"])
    stored = await library.fetch_value("select cast(moment as text) from everything")
    assert stored.startswith("2026-01-31")


async def test_queries_belong_to_the_open_transaction(library: Database) -> None:
    """They see what it wrote and go with it."""
    with suppress(ZeroDivisionError):
        async with library.transaction():
            await library.execute("insert into author (id, name) values ($1, 'Ana')", ids.new())
            assert 1 == await Author.count()
            await Author.insert(Author(id=ids.new(), name="Bo"))
            assert Author._meta.db.transaction_exists()
            raise ZeroDivisionError
    assert 0 == await Author.count()
    assert not Author._meta.db.transaction_exists()


async def test_the_engines_transaction_is_the_databases(library: Database) -> None:
    """Nested it is a savepoint, where Piccolo's own would join."""
    engine = Author._meta.db
    async with engine.transaction():
        await Author.insert(Author(id=ids.new(), name="Ana"))
        with suppress(ZeroDivisionError):
            async with engine.transaction():
                await Author.insert(Author(id=ids.new(), name="Bo"))
                raise ZeroDivisionError
    assert ["Ana"] == await Author.select(Author.name).output(as_list=True)


async def test_failures_are_translated(library: Database) -> None:
    """As for statements of our own."""
    await Author.insert(Author(id=ids.new(), name="Ana"))
    with pytest.raises(UniqueViolation) as said:
        await Author.insert(Author(id=ids.new(), name="ana"))
    assert "author_name_folded_key" == said.value.constraint


async def test_a_frozen_query_works(library: Database) -> None:
    """Piccolo keeps its text; placeholders are numbered in it too."""
    await Author.insert(Author(id=ids.new(), name="Ana"))
    frozen = Author.select(Author.name).where(Author.name == "Ana").freeze()
    assert [[{"name": "Ana"}]] * 2 == [await frozen.run(), await frozen.run()]


async def test_ddl_runs_on_the_writer(database: Database) -> None:
    """Piccolo's own create_table, for those who know it."""
    database.bind([Everything])
    await database.engine.run_ddl("create table everything (id int)")
    assert 0 == await database.fetch_value("select count(*) from everything")


async def test_what_is_not_offered_says_what_is(library: Database) -> None:
    """Instead of failing somewhere inside Piccolo."""
    with pytest.raises(NotImplementedError, match=r"database\.transaction"):
        library.engine.atomic()
    with pytest.raises(NotImplementedError, match="page by key"):
        await library.engine.batch()
