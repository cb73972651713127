"""A plugin with a field that reads its table past all row rules."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import strawberry
from piccolo.table import Table

from crmcore import Entity, Extension, Owned, Record, columns, extend, hookimpl

plugin_name = "whispers"


class Whisper(Owned, Record, Table, tablename="whisper"):
    """What was said to one person only."""

    words = columns.text("What was said.", personal="user.content")


@strawberry.field(description="What is whispered of late.")
async def whispers_latest(info: strawberry.Info[Any, None]) -> list[str]:
    rows = await info.context.crm.database.fetch("select words from whisper order by created_at desc limit 10")
    return [words for (words,) in rows]


@hookimpl
def crm_entities() -> Iterable[Entity]:
    return [Entity(Whisper, "whispers", since="0.1.0")]


@hookimpl
def crm_migrations() -> Path:
    return Path(__file__).parent / "migrations" / "whispers"


@hookimpl
def crm_graphql() -> Iterable[Extension]:
    return [extend("Query", whispers_latest, since="0.1.0")]
