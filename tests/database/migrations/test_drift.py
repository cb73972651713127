"""Where a database and the declared tables differ."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from crmcore.database import Database
from crmcore.database.declared import table_spec
from crmcore.database.migrations.drift import drift
from tests.database.tables import TABLES, Author, Book


async def found(database: Database, tables: Sequence[type] = TABLES) -> list[str]:
    """Return the sentences."""
    return await drift(database, [table_spec(table) for table in tables])


async def test_declared_and_made_is_no_drift(library: Database) -> None:
    """Links in a circle, expressions in indexes, every kind of column."""
    assert [] == await found(library)


async def test_looking_leaves_nothing_behind(library: Database) -> None:
    """No table more, and real tables are seen by their names as before."""
    await found(library)
    await library.execute("insert into author (id, name) values ($1, 'Ana')", "00000000-0000-7000-8000-000000000000")
    assert [] == await found(library)
    assert 1 == await library.fetch_value("select count(*) from author")


async def test_a_missing_table(database: Database) -> None:
    """One sentence a table, not one a column."""
    assert [
        "Table author is declared but missing; run `crm migrate`, or write the migration that makes it."
    ] == await found(database, [Author])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "alter table book drop column copies",
            "Column book.copies is declared but missing; a migration has to add it.",
        ),
        ("alter table book add column pages int", "Column book.pages exists but is not declared; declare it"),
        ("drop index book_author_id_title_key", "Index book_author_id_title_key of book is declared but missing"),
        (
            "create unique index one_title on book (title)",
            "Index one_title of book refuses duplicates but is not declared",
        ),
    ],
)
async def test_a_difference_is_a_sentence(change: str, said: str, library: Database) -> None:
    """Who, what, and the way out."""
    await library.execute(change)
    (sentence,) = await found(library)
    assert sentence.startswith(said)


async def test_an_index_of_the_operator_is_no_drift(library: Database) -> None:
    """Only speed differs."""
    await library.execute("create index faster on book (copies)")
    assert [] == await found(library)


async def test_an_index_that_is_another_under_the_same_name(library: Database) -> None:
    """Both definitions are shown."""
    await library.script(
        [
            "drop index book_author_id_title_key",
            "create unique index book_author_id_title_key on book (title, author_id)",
        ]
    )
    (sentence,) = await found(library)
    assert sentence.startswith("Index book_author_id_title_key of book is declared")
    assert "replace it" in sentence


async def test_a_column_that_is_another(database: Database) -> None:
    """Type, nullability, default and link are compared."""
    id = "uuid" if database.dialect == "postgresql" else "UUID"
    await database.script(
        [
            f"create table book (id {id} not null primary key, author_id {id}, sequel_of_id {id}, title varchar(9) not null, copies int default 1 not null)",
            "create index book_author_id_title_desc_idx on book (author_id, title desc)",
            "create unique index book_author_id_title_key on book (author_id, title)",
        ]
    )
    sentences = await found(database, [Book])
    assert {"Column book.author_id", "Column book.title", "Column book.copies"} <= {
        s.partition(" is ")[0] for s in sentences
    }
    assert any(
        s.startswith("book.sequel_of_id is declared as a link to book on delete cascade but is none") for s in sentences
    )
