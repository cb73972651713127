"""Fixtures of the migration tests: a plugin's folder in which modules are written as text."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from textwrap import dedent

import pytest
from piccolo.table import Table

from crmcore.database import Database
from crmcore.database.migrations import MigrationSource, Migrator

Write = Callable[..., Path]
Make = Callable[..., Migrator]

#: A table that the tests change.
THING = """
    create_table(
        Table(
            "thing",
            (
                Column("id", "id", primary=True),
                Column("name", "text"),
                Column("size", "int", null=True),
                Column("parent_id", "id", null=True, references="thing", on_delete="CASCADE"),
            ),
            indexes=(Index(("name",), unique=True), Index(("size desc", "name"))),
        ),
    ),
"""


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """A function that writes a migration: `write("shop_0001_initial", operations)`."""
    (tmp_path / "shop").mkdir()

    def written(name: str, operations: str, before: str = "") -> Path:
        plugin = name.partition("_")[0]
        (tmp_path / plugin).mkdir(exist_ok=True)
        path = tmp_path / plugin / f"{name}.py"
        path.write_text(
            f"from crmcore.database.migrations import *\n{dedent(before)}\nmigration = Migration(operations=[\n{operations.strip().rstrip(',')},\n])\n"
        )
        return path

    return written


@pytest.fixture
def migrator(tmp_path: Path, database: Database) -> Make:
    """A function that makes a migrator of what the folders hold now, as a new process would."""

    def made(*plugins: str, tables: Sequence[type[Table]] = (), on: Database = database) -> Migrator:
        return Migrator(on, [MigrationSource(p, tmp_path / p, tables) for p in plugins or ("shop",)])

    return made
