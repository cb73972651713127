"""Which tables a statement reads from end to end."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Iterator, Mapping
from typing import Any

import asyncpg

from crmcore.database.sqlite.functions import add_functions
from crmcore.database.values import for_sqlite
from tests.benchmarks.alone import Statement

__all__ = ["scanned"]

#: The alias of a table, or of a sub-select that is read from end to end rightly.
_SCAN = re.compile(r"SCAN (t\d+\w*)$").match
_LARGER = "select relname from pg_class where relname = any($1) and relpages > $2"


async def scanned(url: str, statement: Statement, *, pages: int | None = None) -> list[str]:
    """Return the tables that are read from end to end.

    Args:

        url: the database.
        statement: it is explained with its first parameters.
        pages: on PostgreSQL, how many pages a table may have that it is right to scan. None makes scans so expensive that
            only those are left for which there is no index, as a test with few rows wants it.
    """
    if url.startswith("sqlite"):
        return _sqlite(url.removeprefix("sqlite:///"), statement)
    connection = await asyncpg.connect(url)
    try:
        if pages is None:
            await connection.execute("set enable_seqscan = off")
        sql, parameters = statement
        text = await connection.fetchval(f"explain (format json) {sql}", *parameters[0])
        tables = sorted(set(_scans(json.loads(text)[0]["Plan"])))
        if pages is None:
            return tables
        return [row[0] for row in await connection.fetch(_LARGER, tables, pages)]
    finally:
        await connection.close()


def _scans(plan: Mapping[str, Any]) -> Iterator[str]:
    if plan["Node Type"] == "Seq Scan":
        yield plan["Relation Name"]
    for part in plan.get("Plans", ()):
        yield from _scans(part)


def _sqlite(path: str, statement: Statement) -> list[str]:
    connection = sqlite3.connect(path)
    add_functions(connection)
    sql, parameters = statement
    lines = connection.execute(f"explain query plan {sql}", for_sqlite(parameters[0])).fetchall()
    connection.close()
    aliases = [found[1] for line in lines if (found := _SCAN(line[-1]))]
    return [alias for alias in aliases if re.search(rf"\b(from|join) \w+ {alias}\b", sql)]
