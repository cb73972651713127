"""A plugin that keeps what people write and does not say that it is about people."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from piccolo.table import Table

from crmcore import Entity, Owned, Record, columns, hookimpl

plugin_name = "diaries"


class DiariesPage(Owned, Record, Table, tablename="diaries_page"):
    """A page of somebody's diary."""

    text = columns.text("What somebody wrote.", form="text")


@hookimpl
def crm_entities() -> Iterable[Entity]:
    return [Entity(DiariesPage, "diariesPages", since="0.1.0")]


@hookimpl
def crm_migrations() -> Path:
    return Path(__file__).parent / "migrations" / "diaries"
