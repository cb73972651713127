"""The migrator: in order, once, together with the record, and only what was shipped."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmcore.database import Database
from crmcore.database.migrations import MigrationFile
from crmcore.errors import SetupError
from tests.database.migrations.conftest import THING, Make, Write
from tests.database.migrations.seen import seen

NOTE = 'add_column("thing", Column("note", "text", null=True))'
COUNT = 'add_column("thing", Column("count", "int", default=0))'


def names(files: list[MigrationFile]) -> list[str]:
    """Return what messages call them."""
    return [str(file) for file in files]


async def test_a_new_database_lacks_everything(write: Write, migrator: Make) -> None:
    """Nothing is applied, and asking makes no table."""
    write("shop_0001_initial", THING)
    assert ["shop_0001_initial"] == names(await migrator().pending())
    assert [] == await migrator().applied()


async def test_up_applies_in_order_and_once(database: Database, write: Write, migrator: Make) -> None:
    """The second time there is nothing to do."""
    write("shop_0001_initial", THING)
    write("shop_0002_note", NOTE)
    told: list[MigrationFile] = []
    assert ["shop_0001_initial", "shop_0002_note"] == names(await migrator().up(told.append))
    assert ["shop_0001_initial", "shop_0002_note"] == names(told) == await migrator().applied()
    assert [] == await migrator().up() == await migrator().pending()
    assert "note" in (await seen(database))["thing"].columns


async def test_plugins_go_in_the_given_order(write: Write, migrator: Make) -> None:
    """The one that others link to first; the same file name in two plugins is two modules."""
    write("shop_0001_initial", THING)
    write("books_0001_initial", 'create_table(Table("book", (Column("id", "id", references="thing", primary=True),)))')
    assert ["shop_0001_initial", "books_0001_initial"] == names(await migrator("shop", "books").up())


async def test_a_version_may_be_skipped(write: Write, migrator: Make) -> None:
    """Whoever updates from the first to the third version gets the second's migrations too."""
    write("shop_0001_initial", THING)
    await migrator().up()
    write("shop_0002_note", NOTE)
    write("shop_0003_count", COUNT)
    assert ["shop_0002_note", "shop_0003_count"] == names(await migrator().up())


async def test_one_that_was_missing_in_between_is_made_up_for(write: Write, migrator: Make) -> None:
    """A fix for the older version came later than the newer version."""
    write("shop_0001_initial", THING)
    write("shop_0003_count", COUNT)
    await migrator().up()
    write("shop_0002_note", NOTE)
    assert ["shop_0002_note"] == names(await migrator().up())
    assert [] == await migrator().pending()


async def test_a_migration_that_fails_leaves_nothing(database: Database, write: Write, migrator: Make) -> None:
    """Its first operation is undone, what came before it stays, and it is still pending."""
    write("shop_0001_initial", THING)
    write("shop_0002_wrong", f'{NOTE},\nsql(sqlite="select wrong", postgresql="select wrong"),')
    with pytest.raises(SetupError, match=r"shop_0002_wrong failed and nothing of it was kept: .*wrong") as refused:
        await migrator().up()
    assert "migration-failed" == refused.value.code
    assert ["shop_0001_initial"] == await migrator().applied()
    assert "note" not in (await seen(database))["thing"].columns


async def test_the_record_goes_with_the_migration(
    database: Database, write: Write, migrator: Make, monkeypatch: pytest.MonkeyPatch
) -> None:
    """When it cannot be recorded it did not happen."""
    write("shop_0001_initial", THING)

    async def unrecordable(*args: object) -> None:
        raise OSError

    monkeypatch.setattr("crmcore.database.migrations.ledger.Ledger.add", unrecordable)
    with pytest.raises(SetupError):
        await migrator().up()
    assert {} == await seen(database)


async def test_a_plan_touches_nothing(database: Database, write: Write, migrator: Make) -> None:
    """It is the SQL that `up` would run, as text."""
    write("shop_0001_initial", THING)
    write("shop_0002_work", "run(work)", "async def work(database): raise AssertionError")
    first, second = await migrator().plan()
    assert "shop_0001_initial" == str(first.file)
    assert any('create table "thing"' in statement for statement in first.statements)
    assert ("-- runs the Python function work",) == second.statements
    assert {} == await seen(database)


async def test_down_takes_back_the_last_first(database: Database, write: Write, migrator: Make) -> None:
    """To a number, a name, or the beginning."""
    write("shop_0001_initial", THING)
    write("shop_0002_note", NOTE)
    write("shop_0003_count", COUNT)
    await migrator().up()
    assert ["shop_0003_count"] == names(await migrator().down("shop", "0002_note"))
    assert ["shop_0002_note"] == names(await migrator().down("shop", "0001"))
    assert ["shop_0001_initial"] == names(await migrator().down("shop", None))
    assert {} == await seen(database)
    assert [] == await migrator().applied()


async def test_a_plan_of_the_way_down_touches_nothing(database: Database, write: Write, migrator: Make) -> None:
    """It is the SQL that `down` would run."""
    write("shop_0001_initial", THING)
    await migrator().up()
    (only,) = await migrator().plan_down("shop", "0")
    assert ('drop table "thing"',) == only.statements[-1:]
    assert ["thing"] == list(await seen(database))


async def test_a_table_that_others_link_to_is_not_taken_away(database: Database, write: Write, migrator: Make) -> None:
    """Another plugin's table needs it, though there are no rows."""
    write("shop_0001_initial", THING)
    write("books_0001_initial", 'create_table(Table("book", (Column("id", "id", references="thing", primary=True),)))')
    await migrator("shop", "books").up()
    with pytest.raises(SetupError, match="book"):
        await migrator("shop", "books").down("shop", None)
    assert {"book", "thing"} == set(await seen(database))


@pytest.mark.parametrize(
    ("plugin", "to", "said"),
    [("shup", None, "There is no plugin 'shup'"), ("shop", "0007", "no migration '0007'; it has 0001_initial")],
)
async def test_down_to_nowhere_says_where_one_can_go(
    plugin: str, to: str | None, said: str, write: Write, migrator: Make
) -> None:
    """The message lists what there is."""
    write("shop_0001_initial", THING)
    await migrator().up()
    with pytest.raises(SetupError, match=said):
        await migrator().down(plugin, to)


async def test_an_applied_migration_that_was_changed_stops_everything(write: Write, migrator: Make) -> None:
    """Otherwise two databases of the same version would differ."""
    path = write("shop_0001_initial", THING)
    await migrator().up()
    path.write_text(path.read_text() + "# a word more\n")
    with pytest.raises(SetupError, match=r"shop_0001_initial .* was changed after it was applied; restore the file"):
        await migrator().pending()


async def test_line_endings_are_no_change(write: Write, migrator: Make) -> None:
    """Git on Windows writes others."""
    path = write("shop_0001_initial", THING)
    await migrator().up()
    path.write_bytes(path.read_bytes().replace(b"\n", b"\r\n"))
    assert [] == await migrator().pending()


async def test_an_applied_migration_that_is_gone_stops_everything(write: Write, migrator: Make) -> None:
    """The program is older than the database."""
    write("shop_0001_initial", THING)
    path = write("shop_0002_note", NOTE)
    await migrator().up()
    path.unlink()
    with pytest.raises(
        SetupError, match="shop_0002_note, which the installed shop lacks, so it is older than the database"
    ):
        await migrator().up()


async def test_a_plugin_that_is_gone_leaves_its_tables_and_its_record(
    database: Database, write: Write, migrator: Make
) -> None:
    """Disabled today, back tomorrow."""
    write("shop_0001_initial", THING)
    write("books_0001_initial", 'create_table(Table("book", (Column("id", "id", primary=True),)))')
    await migrator("shop", "books").up()
    assert [] == await migrator("shop").pending()
    assert {"book", "thing"} == set(await seen(database))
    assert [] == await migrator("shop", "books").pending()


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("0001_initial", "", "call it shop_0001_title.py"),
        ("shop_1_initial", "", "call it shop_0001_title.py"),
        ("shop_0001_initial", "migration = 1", "has no `migration = Migration"),
        ("shop_0001_initial", "import nothing_like_this", "cannot be imported: ModuleNotFoundError"),
    ],
)
async def test_a_file_that_is_no_migration_says_what_it_should_be(
    name: str, text: str, said: str, tmp_path: Path, write: Write, migrator: Make
) -> None:
    """With the file's name in the message."""
    (tmp_path / "shop" / f"{name}.py").write_text(text)
    with pytest.raises(SetupError, match=said) as refused:
        await migrator().plan()
    assert f"{name}" in str(refused.value)


async def test_two_migrations_of_one_number_are_refused(write: Write, migrator: Make) -> None:
    """Two branches met: one of them has to move."""
    write("shop_0001_initial", THING)
    write("shop_0001_other", NOTE)
    with pytest.raises(SetupError, match=r"two migrations numbered 0001 \(shop_0001_initial.py, shop_0001_other.py\)"):
        await migrator().pending()


async def test_a_missing_folder_is_named(migrator: Make, tmp_path: Path) -> None:
    """The plugin is asked to make it."""
    with pytest.raises(SetupError, match=r"shop.*which is no folder; create it"):
        await migrator().pending()
