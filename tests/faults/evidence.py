"""What is found afterwards: the database, read by its own driver, since the code under test must not be its own witness."""

from __future__ import annotations

import json
import sqlite3
from collections import defaultdict
from collections.abc import Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, TypeAlias
from uuid import UUID

import asyncpg

__all__ = ["DONE", "ENTITIES", "Evidence", "Row", "collect"]

#: The state of jobs that succeeded, written out once more here: greater ones ended otherwise, smaller ones have not ended.
DONE = 5

#: Values as JSON has them: texts, numbers, null; booleans are 0 and 1.
Row: TypeAlias = Mapping[str, Any]

#: What is read; the entities that intents write are tables of the same name.
ENTITIES = ("customer", "deal", "tag", "faults_account")
_QUERIES = {
    **{table: f"select * from {table}" for table in ENTITIES},
    "events": "select * from crm_event order by era, transaction_id, position",
    "keys": "select actor, key, outcome from crm_idempotency_key",
    "stays": "select * from deal_stage_change order by entered_at, id",
    "effects": "select * from faults_effect order by place, record_id",
    "postings": "select * from faults_posting",
    "jobs": "select * from crm_job order by position",
    "deliveries": "select * from crm_webhook_delivery order by id",
}


@dataclass(frozen=True)
class Evidence:
    """The database after a run, each table in the order that means something.

    Attributes:

        records: of each entity that intents write, by id.
        events: of the feed, in its order; `row`, `was` and `details` are parsed.
        by_key: the same by idempotency key.
        keys: idempotency keys.
        stays: the stays of deals in stages, in the order they began.
        effects: what handlers did.
        postings: what jobs did.
        jobs: what is left of jobs.
        deliveries: of webhooks.
        traces: beginnings and ends of attempts.
        paused: process ids of those that stood still for a while.
    """

    records: Mapping[str, Mapping[str, Row]]
    events: Sequence[Row]
    by_key: Mapping[str, Sequence[Row]]
    keys: Sequence[Row]
    stays: Sequence[Row]
    effects: Sequence[Row]
    postings: Sequence[Row]
    jobs: Sequence[Row]
    deliveries: Sequence[Row]
    traces: Sequence[Row]
    paused: frozenset[int]


async def collect(url: str, traces: Path, paused: frozenset[int]) -> Evidence:
    """Read everything that checks look at.

    Args:

        url: of the database.
        traces: the file of attempts.
        paused: process ids of those that stood still for a while.
    """
    found = await _read_sqlite(url) if url.startswith("sqlite") else await _read_postgresql(url)
    events = [{**row, **{name: _parsed(row[name]) for name in ("row", "was", "details")}} for row in found["events"]]
    by_key: dict[str, list[Row]] = defaultdict(list)
    for event in events:
        by_key[event["idempotency_key"]].append(event)
    records = {entity: {row["id"]: row for row in found[entity]} for entity in ENTITIES}
    rest = {name: found[name] for name in ("keys", "stays", "effects", "postings", "jobs", "deliveries")}
    return Evidence(records=records, events=events, by_key=by_key, traces=_lines(traces), paused=paused, **rest)


def _lines(file: Path) -> list[Row]:
    return [json.loads(line) for line in file.read_text().splitlines()] if file.exists() else []


async def _read_sqlite(url: str) -> dict[str, list[Row]]:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.row_factory = sqlite3.Row
        return {name: [dict(row) for row in connection.execute(sql)] for name, sql in _QUERIES.items()}


async def _read_postgresql(url: str) -> dict[str, list[Row]]:
    connection = await asyncpg.connect(url, timeout=10)
    try:
        return {
            name: [{k: _plain(v) for k, v in row.items()} for row in await connection.fetch(sql)]
            for name, sql in _QUERIES.items()
        }
    finally:
        await connection.close()


def _plain(value: Any) -> Any:
    match value:
        case bool():
            return int(value)
        case UUID():
            return str(value)
        case datetime():
            return f"{value.astimezone().isoformat(timespec='microseconds')}"
        case _:
            return value


def _parsed(text: str | None) -> Any:
    return None if text is None else json.loads(text)
