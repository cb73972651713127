"""The feed tells the whole story: played from its beginning it gives the tables as they are, each version once."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import Any

from tests.faults.evidence import ENTITIES, Evidence, Row

__all__ = ["check"]


def check(evidence: Evidence) -> Iterator[str]:
    """Play the feed, and compare."""
    for id, count in Counter(event["id"] for event in evidence.events).items():
        if count != 1:
            yield f"event {id} is in the feed {count} times"
    for entity in ENTITIES:
        yield from _played(entity, evidence)


def _played(entity: str, evidence: Evidence) -> Iterator[str]:
    now: dict[str, Row] = {}
    for event in evidence.events:
        if event["entity"] != entity or event["row"] is None:
            continue
        id, row, verb = event["record_id"], _filled(event["row"]), event["type"].rpartition(".")[2]
        before = now.pop(id, {})
        if verb != "destroyed":
            now[id] = row
            if row["version"] != before.get("version", 0) + 1:
                yield f"{entity} {id}: version {row['version']} comes after {before.get('version')} in the feed"
        if before and _filled({**row, **(event["was"] or {})}) != before:
            yield f"{entity} {id}: {verb} from version {before['version']}, which the feed knew otherwise"
    yield from _compared(entity, now, evidence)


def _compared(entity: str, now: dict[str, Row], evidence: Evidence) -> Iterator[str]:
    there = evidence.records[entity]
    for id in now.keys() - there.keys():
        yield f"{entity} {id} is in the feed and not in its table"
    for id in there.keys() - now.keys():
        yield f"{entity} {id} is in its table and not in the feed"
    for id in there.keys() & now.keys():
        different = [c for c, v in now[id].items() if _plain(v) != _plain(there[id][c])]
        different += [c for c, v in there[id].items() if v is not None and c not in now[id]]
        if different:
            yield f"{entity} {id} differs between feed and table: {', '.join(different)}"


def _filled(row: Row) -> Row:
    """Leave out what is null, as the feed may."""
    return {column: value for column, value in row.items() if value is not None}


def _plain(value: Any) -> Any:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str):
        if value[:1] in ("{", "["):
            return json.loads(value)
        if value[10:11] in ("T", " ") and value[:2] == "20":
            return datetime.fromisoformat(value)
    return value
