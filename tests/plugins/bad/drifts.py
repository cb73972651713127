"""A plugin whose table has a column that no migration makes."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from piccolo.table import Table

from crmcore import Entity, Record, columns, hookimpl

plugin_name = "drifts"


class Drift(Record, Table, tablename="drift"):
    """Sand that moves."""

    grains = columns.integer("How much.")
    depth = columns.integer("How deep; added in a hurry.")


@hookimpl
def crm_entities() -> Iterable[Entity]:
    return [Entity(Drift, "drifts")]


@hookimpl
def crm_migrations() -> Path:
    return Path(__file__).parent / "migrations" / "drifts"
