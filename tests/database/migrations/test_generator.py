"""Migration modules written from declarations."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

import pytest
from piccolo.table import Table

from crmcore.database import Database, ids
from crmcore.database.migrations import MigrationSource, Migrator
from crmcore.database.schema import Index, Totals
from crmcore.entities import columns as c
from crmcore.errors import SetupError
from tests.database.tables import TABLES


class First(Table, tablename="shelf"):
    """A shelf, as it was first declared."""

    id = c.identifier("Id.")
    label = c.text("Label.", default='"quoted" \\ and ünïcode')
    width = c.integer("Centimetres.", null=True)
    depth = c.integer("Centimetres.", null=True)
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("label",), unique=True),)


class Floor(Table, tablename="floor"):
    """A table that comes later."""

    id = c.identifier("Id.")


class Second(Table, tablename="shelf"):
    """The shelf, declared otherwise."""

    id = c.identifier("Id.")
    label = c.text("Label.", null=True)
    width = c.integer("Centimetres.", default=80)
    height = c.integer("Centimetres.", null=True)
    floor_id = c.link("floor", "Where.", references=Floor, null=True, on_delete="CASCADE")
    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("label", "width desc")),
        Index(("floor_id",), where="width > 10"),
    )


class Counted(Table, tablename="sale"):
    """A table with totals."""

    id = c.identifier("Id.")
    shop = c.text("Where.")
    amount = c.big_integer("How much.", null=True)
    __totals__: ClassVar[tuple[Totals, ...]] = (Totals("sale_total", by=("shop",), sums=("amount",)),)


class CountedOtherwise(Table, tablename="sale"):
    """The same table, whose totals are kept by more."""

    id = c.identifier("Id.")
    shop = c.text("Where.")
    amount = c.big_integer("How much.", null=True)
    till = c.text("Which till.", null=True)
    __totals__: ClassVar[tuple[Totals, ...]] = (Totals("sale_total", by=("shop", "till"), sums=("amount",)),)


def migrator_of(database: Database, folder: Path, *tables: type[Table]) -> Migrator:
    """Make a migrator of a plugin that declares these tables."""
    folder.mkdir(exist_ok=True)
    return Migrator(database, [MigrationSource("shop", folder, tables)])


async def test_the_first_migration_makes_what_is_declared(database: Database, tmp_path: Path) -> None:
    """Circles, every kind, indexes: written, applied, and no drift."""
    path = migrator_of(database, tmp_path / "shop", *TABLES).write("shop", "initial")
    assert "shop_0001_initial.py" == path.name
    migrator = migrator_of(database, tmp_path / "shop", *TABLES)
    await migrator.up()
    assert [] == await migrator.drift()
    await migrator.down("shop", None)
    assert 3 == len(await migrator.drift())


async def test_totals_come_and_change_and_go(database: Database, tmp_path: Path) -> None:
    """Their table and triggers, when they are declared, declared otherwise, and no more; and all the way back."""
    folder = tmp_path / "shop"
    for title, tables in (("counted", [Counted]), ("otherwise", [CountedOtherwise]), ("gone", [Floor])):
        migrator_of(database, folder, *tables).write("shop", title)
        await migrator_of(database, folder, *tables).up()
        assert [] == await migrator_of(database, folder, *tables).drift()
        if Floor not in tables:
            await database.execute("insert into sale (id, shop, amount) values ($1, 'a', 2)", ids.new())
    await migrator_of(database, folder, Floor).down("shop", "0001")
    assert [] == await migrator_of(database, folder, Counted).drift()
    await database.execute("insert into sale (id, shop, amount) values ($1, 'a', 2)", ids.new())
    assert [("a", 1, 2)] == await database.fetch('select shop, "rows", amount from sale_total')
    await migrator_of(database, folder, Floor).down("shop", None)


async def test_the_next_migration_makes_the_difference(database: Database, tmp_path: Path) -> None:
    """Columns that come, go and change, indexes likewise, a table more: there and back."""
    folder = tmp_path / "shop"
    migrator_of(database, folder, First).write("shop", "initial")
    await migrator_of(database, folder, First).up()
    assert "shop_0002_redo.py" == migrator_of(database, folder, Second, Floor).write("shop", "redo").name
    migrator = migrator_of(database, folder, Second, Floor)
    await migrator.up()
    assert [] == await migrator.drift()
    await migrator.down("shop", "0001")
    assert [] == await migrator_of(database, folder, First).drift()


def test_a_table_that_is_not_declared_any_more_is_dropped(tmp_path: Path) -> None:
    """The module says so in one line, to be read before it runs."""
    database = Database.from_url("sqlite:///never-opened.db")
    migrator_of(database, tmp_path / "shop", Second, Floor).write("shop", "initial")
    text = migrator_of(database, tmp_path / "shop").generate("shop", "gone")
    assert text.index('drop_table("shelf")') < text.index('drop_table("floor")')


def test_a_module_reads_like_one_written_by_hand(tmp_path: Path) -> None:
    """Defaults are left out, one column a line, only the names that are used are imported."""
    database = Database.from_url("sqlite:///never-opened.db")
    assert (
        migrator_of(database, tmp_path / "shop", First).generate("shop", "initial")
        == '''"""Initial: a migration of shop."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "shelf",
                (
                    Column("id", "id", primary=True),
                    Column("label", "text", default="\\"quoted\\" \\\\ and ünïcode"),
                    Column("width", "int", null=True),
                    Column("depth", "int", null=True),
                ),
                indexes=(Index(("label",), unique=True),),
            ),
        ),
    ]
)
'''
    )


def test_nothing_to_do_is_said(tmp_path: Path) -> None:
    """No empty module."""
    database = Database.from_url("sqlite:///never-opened.db")
    migrator_of(database, tmp_path / "shop", First).write("shop", "initial")
    with pytest.raises(SetupError, match="Nothing to migrate"):
        migrator_of(database, tmp_path / "shop", First).generate("shop", "again")


class Stricter(Table, tablename="shelf"):
    """The shelf with a column that rows cannot have."""

    id = c.identifier("Id.")
    label = c.text("Label.", default='"quoted" \\ and ünïcode')
    width = c.integer("Centimetres.", null=True)
    depth = c.integer("Centimetres.", null=True)
    material = c.text("Wood or steel.")
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("label",), unique=True),)


def test_what_only_a_person_can_decide_is_asked(tmp_path: Path) -> None:
    """A required column without a default: what shall the rows that exist hold?"""
    database = Database.from_url("sqlite:///never-opened.db")
    migrator_of(database, tmp_path / "shop", First).write("shop", "initial")
    with pytest.raises(SetupError, match=r"shelf.material may not be empty .* declare null=True or a default"):
        migrator_of(database, tmp_path / "shop", Stricter).generate("shop", "material")


@pytest.mark.parametrize("title", ["", "Add", "add-note", "../evil", "a b"])
def test_a_title_is_part_of_a_file_name(title: str, tmp_path: Path) -> None:
    """Nothing else may be."""
    database = Database.from_url("sqlite:///never-opened.db")
    with pytest.raises(SetupError, match="lower-case letters"):
        migrator_of(database, tmp_path / "shop", First).write("shop", title)
