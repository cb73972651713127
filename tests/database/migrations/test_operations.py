"""Each operation, there and back, on tables with rows."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crmcore.database import Database, UniqueViolation, ids
from crmcore.database.migrations import MigrationSource
from crmcore.database.migrations.drift import drift
from crmcore.errors import SetupError
from tests.database.migrations.conftest import THING, Make, Write
from tests.database.migrations.seen import seen

#: Every operation that the table of `THING` allows, with a way back.
CHANGES = {
    "create": 'create_table(Table("other", (Column("id", "id", primary=True), Column("thing_id", "id", references="thing"))))',
    "create in a circle": """
        create_table(Table("hen", (Column("id", "id", primary=True), Column("egg_id", "id", references="egg")))),
        create_table(Table("egg", (Column("id", "id", primary=True), Column("hen_id", "id", references="hen")))),
    """,
    "drop": 'drop_table("thing")',
    "rename": 'rename_table("thing", "article")',
    "add": 'add_column("thing", Column("note", "text", null=True))',
    "add with a default": 'add_column("thing", Column("count", "int", default=3))',
    "add with a fill": 'add_column("thing", Column("kind", "text"), fill="it\'s")',
    "add a link": 'add_column("thing", Column("next_id", "id", null=True, references="thing", on_delete="SET NULL"))',
    "drop a column": 'drop_column("thing", "size")',
    "drop a required column": 'drop_column("thing", "name")',
    "drop a link": 'drop_column("thing", "parent_id")',
    "rename a column": 'rename_column("thing", "name", "title")',
    "rename a link": 'rename_column("thing", "parent_id", "above_id")',
    "to a text": 'alter_column("thing", Column("size", "text", null=True))',
    "to required": 'alter_column("thing", Column("size", "int", default=1))',
    "to required with a fill": 'alter_column("thing", Column("size", "bigint"), fill=0)',
    "to optional": 'alter_column("thing", Column("name", "text", null=True))',
    "another default": 'alter_column("thing", Column("name", "text", default="new"))',
    "another deletion": 'alter_column("thing", Column("parent_id", "id", null=True, references="thing", on_delete="RESTRICT"))',
    "no link any more": 'alter_column("thing", Column("parent_id", "id", null=True))',
    "no required link any more": """
        create_table(Table("part", (Column("id", "id", primary=True), Column("thing_id", "id", references="thing")))),
        alter_column("part", Column("thing_id", "id"))
    """,
    "an index": 'create_index("thing", Index(("lower(name)",), unique=True, where="size > 0"))',
    "an index less": 'drop_index("thing", "thing_size_desc_name_idx")',
    "in plain words": """
        sql(sqlite="update thing set size = 7", postgresql="update thing set size = 7", down_sqlite="", down_postgresql="")
    """,
}


async def add_thing(database: Database, name: str, size: int | None = None) -> None:
    """Write a row."""
    await database.execute("insert into thing (id, name, size) values ($1, $2, $3)", ids.new(), name, size)


@pytest.mark.parametrize("change", CHANGES)
async def test_there_and_back_leaves_the_schema_as_it_was(
    change: str, database: Database, write: Write, migrator: Make
) -> None:
    """Up, down and up again with a row in the table; what is made the second time is what was made the first."""
    write("shop_0001_initial", THING)
    await migrator().up()
    await add_thing(database, "one", 1)
    before = await seen(database)
    write("shop_0002_change", CHANGES[change])
    assert ["shop_0002_change"] == [str(file) for file in await migrator().up()]
    after = await seen(database)
    assert ["shop_0002_change"] == [str(file) for file in await migrator().down("shop", "0001")]
    assert before == await seen(database)
    await migrator().up()
    assert after == await seen(database)


@pytest.mark.parametrize("change", CHANGES)
async def test_a_changed_table_is_like_one_made_so_at_once(
    change: str, database: Database, write: Write, migrator: Make, tmp_path: Path
) -> None:
    """Names of indexes and links too: the operations know what they do."""
    write("shop_0001_initial", THING)
    write("shop_0002_change", CHANGES[change])
    await migrator().up()
    state = MigrationSource("shop", tmp_path / "shop").state_before(None)
    assert [] == await drift(database, list(state.values()))
    assert state.keys() == (await seen(database)).keys()


@pytest.mark.parametrize(
    ("change", "sql", "rows"),
    [
        ("rename", "select name, size from article", [("one", 1), ("two", None)]),
        ("add", "select name, note from thing", [("one", None), ("two", None)]),
        ("add with a default", "select name, count from thing", [("one", 3), ("two", 3)]),
        ("add with a fill", "select name, kind from thing", [("one", "it's"), ("two", "it's")]),
        ("drop a column", "select name from thing", [("one",), ("two",)]),
        ("drop a link", "select name, size from thing", [("one", 1), ("two", None)]),
        ("rename a column", "select title, size from thing", [("one", 1), ("two", None)]),
        ("to a text", "select name, size from thing", [("one", "1"), ("two", None)]),
        ("to required", "select name, size from thing", [("one", 1), ("two", 1)]),
        ("to required with a fill", "select name, size from thing", [("one", 1), ("two", 0)]),
        ("another deletion", "select name, size from thing", [("one", 1), ("two", None)]),
        ("in plain words", "select name, size from thing", [("one", 7), ("two", 7)]),
    ],
)
async def test_rows_are_kept(
    change: str, sql: str, rows: list[tuple[Any, ...]], database: Database, write: Write, migrator: Make
) -> None:
    """What was in the table is there afterwards, in the new shape."""
    write("shop_0001_initial", THING)
    await migrator().up()
    await add_thing(database, "one", 1)
    await add_thing(database, "two")
    write("shop_0002_change", CHANGES[change])
    await migrator().up()
    assert rows == await database.fetch(f"{sql} order by 1")


async def test_rebuilding_a_table_deletes_nothing_that_links_to_it(
    database: Database, write: Write, migrator: Make
) -> None:
    """Dropping the old table with foreign keys on would cascade."""
    write("shop_0001_initial", THING)
    await migrator().up()
    parent = ids.new()
    await database.execute("insert into thing (id, name) values ($1, 'parent')", parent)
    await database.execute("insert into thing (id, name, parent_id) values ($1, 'child', $2)", ids.new(), parent)
    write("shop_0002_change", CHANGES["to required"])
    await migrator().up()
    assert [("child",), ("parent",)] == await database.fetch("select name from thing order by name")
    await database.execute("delete from thing where id = $1", parent)
    assert [] == await database.fetch("select name from thing"), "foreign keys count again"


async def test_a_rebuilt_table_keeps_its_indexes(database: Database, write: Write, migrator: Make) -> None:
    """The unique one refuses as before."""
    write("shop_0001_initial", THING)
    write("shop_0002_change", CHANGES["to required"])
    await migrator().up()
    await add_thing(database, "one", 1)
    with pytest.raises(UniqueViolation):
        await add_thing(database, "one", 2)


async def test_a_table_changed_by_hand_is_not_rebuilt(
    database: Database, write: Write, migrator: Make, crm_dialect: str
) -> None:
    """SQLite: the copy would lose what no migration knows."""
    if crm_dialect != "sqlite":
        pytest.skip("PostgreSQL alters in place")
    write("shop_0001_initial", THING)
    await migrator().up()
    await database.execute("alter table thing add column secret text")
    write("shop_0002_change", CHANGES["to required"])
    with pytest.raises(SetupError, match=r"differs from what the migrations before made of it \(secret\)"):
        await migrator().up()
    assert 0 == await database.fetch_value("select count(secret) from thing")


async def test_a_migration_that_would_leave_links_to_nowhere_fails(
    database: Database, write: Write, migrator: Make
) -> None:
    """SQLite rests foreign keys meanwhile and checks them before the commit."""
    write("shop_0001_initial", THING)
    await migrator().up()
    await add_thing(database, "one")
    nowhere = "update thing set parent_id = '00000000-0000-7000-8000-000000000000'"
    write("shop_0002_change", f'sql(sqlite="{nowhere}", postgresql="{nowhere}"),')
    with pytest.raises(SetupError, match="shop_0002_change failed and nothing of it was kept"):
        await migrator().up()
    assert [(None,)] == await database.fetch("select parent_id from thing")


async def test_python_changes_rows_inside_the_transaction(database: Database, write: Write, migrator: Make) -> None:
    """`run` gets the database; what it writes stays or goes with the migration."""
    write("shop_0001_initial", THING)
    await migrator().up()
    await add_thing(database, "one")
    before = """
        async def shout(database):
            for id, name in await database.fetch("select id, name from thing"):
                await database.execute("update thing set name = $2 where id = $1", id, name.upper())

        async def whisper(database):
            await database.execute("update thing set name = lower(name)")
    """
    write("shop_0002_shout", "run(shout, whisper),", before)
    await migrator().up()
    assert "ONE" == await database.fetch_value("select name from thing")
    await migrator().down("shop", "0001")
    assert "one" == await database.fetch_value("select name from thing")


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ('create_table(Table("thing", ()))', "exists already"),
        ('drop_table("thong")', "There is no table 'thong' at this point; the plugin's migrations so far make thing"),
        ('rename_table("thing", "thing")', "exists already"),
        ('add_column("thing", Column("name", "text", null=True))', "has a column 'name' already"),
        ('add_column("thing", Column("note", "text"))', "declare null=True or a default, or give fill="),
        ('drop_column("thing", "nome")', "has no column 'nome' at this point; it has id, name, size, parent_id"),
        ('drop_column("thing", "id")', "is the primary key"),
        ('alter_column("thing", Column("size", "int"))', "declare a default or give fill="),
        ('alter_column("thing", Column("id", "text"))', "is the primary key"),
        ('rename_column("thing", "name", "size")', "has a column 'size' already"),
        ('create_index("thing", Index(("name",), unique=True))', "has an index 'thing_name_key' already"),
        ('drop_index("thing", "thing_idx")', "has no index 'thing_idx' at this point; it has thing_name_key"),
    ],
)
async def test_an_operation_that_does_not_fit_says_why(
    operation: str, said: str, database: Database, write: Write, migrator: Make
) -> None:
    """The plan shows it already, before anything is touched."""
    write("shop_0001_initial", THING)
    write("shop_0002_change", f"{operation},")
    with pytest.raises(SetupError, match="shop_0002_change cannot run") as refused:
        await migrator().plan()
    assert said in str(refused.value)


@pytest.mark.parametrize(
    ("operations", "before", "said"),
    [
        ('sql(sqlite="select 1", postgresql="select 1"),', "", "has no down_sqlite|has no down_postgresql"),
        ("run(work),", "async def work(database): pass", "`run` of work has no `down`"),
        (
            'add_column("thing", Column("at", "instant"), fill="2026-01-31T09:30:00.000000Z"), drop_column("thing", "at"),',
            "",
            "no instant stands for nothing",
        ),
    ],
)
async def test_what_cannot_be_taken_back_says_so(
    operations: str, before: str, said: str, write: Write, migrator: Make, database: Database
) -> None:
    """Nothing is guessed."""
    write("shop_0001_initial", THING)
    write("shop_0002_change", operations, before)
    await migrator().up()
    with pytest.raises(SetupError, match=said):
        await migrator().down("shop", "0001")
    assert [] == await migrator().pending()
