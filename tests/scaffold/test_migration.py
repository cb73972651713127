"""The migration that is written beside a table."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import pytest

from crmcore.database.declared import table_specs
from crmcore.database.migrations.difference import difference
from crmcore.database.migrations.source import MigrationSource
from tests.scaffold.conftest import FIELDS, Crm


@pytest.fixture
def everything(tmp_path: Path, crm_command: Crm, monkeypatch: pytest.MonkeyPatch) -> MigrationSource:
    """The migrations of a plugin with fields of all types, and one more entity that was added later."""
    crm_command("plugin", "new", "visits", *FIELDS, "--into", tmp_path)
    root = tmp_path / "crmcore-visits"
    crm_command("plugin", "add", "entity", "visit_fare", "visit:link:visit", "amount:money", "--in", root)
    monkeypatch.syspath_prepend(str(root))
    tables = importlib.import_module("crmcore_visits.tables")
    monkeypatch.delitem(sys.modules, "crmcore_visits.tables")
    monkeypatch.delitem(sys.modules, "crmcore_visits")
    return MigrationSource("visits", root / "crmcore_visits" / "migrations", [tables.Visit, tables.VisitFare])


def test_it_makes_what_is_declared(everything: MigrationSource) -> None:
    """For every type of field: `crm migrate --new` would find nothing to write."""
    assert [] == difference(everything.state_before(None), table_specs(everything.tables))


def test_what_is_added_later_has_the_next_number(everything: MigrationSource) -> None:
    """A migration that may have been applied is not touched."""
    assert ["0001_initial", "0002_add_visit_fare"] == [file.name for file in everything.files]
