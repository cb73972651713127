"""Migrations: declared operations, run by `Migrator`, each atomic with the record that it ran."""

from crmcore.database.migrations.altering import alter_column
from crmcore.database.migrations.columns import add_column, drop_column, rename_column
from crmcore.database.migrations.freehand import run, sql
from crmcore.database.migrations.indexes import create_index, drop_index
from crmcore.database.migrations.migration import Migration
from crmcore.database.migrations.runner import MigrationPlan, Migrator
from crmcore.database.migrations.source import MigrationFile, MigrationSource
from crmcore.database.migrations.tables import create_table, drop_table, rename_table
from crmcore.database.migrations.totals import drop_totals, keep_totals
from crmcore.database.schema import ColumnSpec as Column
from crmcore.database.schema import Index, Totals
from crmcore.database.schema import TableSpec as Table

__all__ = [
    "Column",
    "Index",
    "Migration",
    "MigrationFile",
    "MigrationPlan",
    "MigrationSource",
    "Migrator",
    "Table",
    "Totals",
    "add_column",
    "alter_column",
    "create_index",
    "create_table",
    "drop_column",
    "drop_index",
    "drop_table",
    "drop_totals",
    "keep_totals",
    "rename_column",
    "rename_table",
    "run",
    "sql",
]
