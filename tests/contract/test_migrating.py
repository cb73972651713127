"""Rules about migrations: they make what is declared, and take rows along."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from types import ModuleType

import pytest

from crmcore.contract.bronze.fitting import starts_with_default_settings
from crmcore.contract.bronze.migrating import migrations_make_the_declared_tables
from crmcore.contract.bronze.upgrading import migrations_take_rows_along
from tests.contract import plots
from tests.contract.conftest import Take, said
from tests.plugins.conftest import made

#: Puts another second migration into the plugin plots.
Migrated = Callable[[str], ModuleType]

USE = 'add_column("plot", Column("use", "enum", default="FIELD"))'


@pytest.fixture
def migrated(tree: Path) -> Migrated:
    """Plots with another second migration; its declarations stay as they are."""

    def migrated(operations: str) -> ModuleType:
        text = f"from crmcore.database.migrations import *\nmigration = Migration(operations=[{operations}])\n"
        (tree / "migrations" / "plots_0002_use.py").write_text(text, "utf-8")
        hooks = {name: hook for name, hook in vars(plots).items() if name.startswith("crm_")}
        return made("plots", **{**hooks, "crm_migrations": lambda: tree / "migrations"})

    return migrated


async def test_migrations_that_fit_are_fine(take: Take, crm_dialect: str) -> None:
    """New tables, and old ones with rows in them."""
    subject = take(plots, dialects=(crm_dialect,))
    assert [] == await said(migrations_make_the_declared_tables, subject)
    assert [] == await said(migrations_take_rows_along, subject)


async def test_drift_is_said(take: Take, migrated: Migrated, crm_dialect: str) -> None:
    """A column that is declared, and that no migration adds."""
    subject = take(migrated(""), dialects=(crm_dialect,))
    (what,) = await said(migrations_make_the_declared_tables, subject)
    assert f"On {crm_dialect}: Column plot.use is declared but missing; a migration has to add it." == what


async def test_a_migration_that_fails_is_said_by_one_rule(take: Take, migrated: Migrated) -> None:
    """That the CRM does not start either is the same fault."""
    subject = take(migrated('sql(sqlite="delete from nowhere", postgresql=None)'))
    (what,) = await said(migrations_make_the_declared_tables, subject)
    assert what.startswith("On sqlite: The migration plots_0002_use failed and nothing of it was kept")
    assert [] == await said(starts_with_default_settings, subject)


async def test_a_migration_that_fails_with_rows_is_said(take: Take, migrated: Migrated, crm_dialect: str) -> None:
    """It would run in every test, and on nobody's data."""
    empty = "update plot set area = null"
    subject = take(migrated(f'{USE}, sql(sqlite="{empty}", postgresql="{empty}")'), dialects=(crm_dialect,))
    assert [] == await said(migrations_make_the_declared_tables, subject)
    (what,) = await said(migrations_take_rows_along, subject)
    assert what.startswith(f"From plots_0001_initial with rows, on {crm_dialect}: ")


async def test_what_fails_with_a_second_row_is_said(take: Take, migrated: Migrated, crm_dialect: str) -> None:
    """One value for all rows that there are is one too many for a unique index."""
    index = 'create_index("plot", Index(("use",), unique=True))'
    subject = take(migrated(f"{USE}, {index}"), dialects=(crm_dialect,))
    found = await said(migrations_take_rows_along, subject)
    assert found[0].startswith(f"From plots_0001_initial with rows, on {crm_dialect}: ")


async def test_lost_rows_are_said(take: Take, migrated: Migrated) -> None:
    """A migration that empties a table ends without an error."""
    subject = take(migrated(f'{USE}, sql(sqlite="delete from plot", postgresql=None)'))
    (what,) = await said(migrations_take_rows_along, subject)
    assert "The table plot lost rows on the way from plots_0001_initial on sqlite: it had 2, and has 0." == what
