"""Timelines put together in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from crmcore.access.actor import Effect
from crmcore.entities import fields as f
from crmcore.entities.entity import camel
from crmcore.entities.timeline import Timeline
from tests.graphql.reference.rules import Record, Sight

__all__ = ["Entry", "entries", "key"]


@dataclass(frozen=True, eq=False)
class Entry(Record):
    """A record in a timeline."""

    kind: str
    at: datetime


def key(entry: Entry) -> Any:
    """Return what entries are ordered by, the greatest first."""
    return (entry.at, entry.row["id"].bytes, entry.kind)


def entries(sight: Sight, feed: f.Feed, record: Record, arguments: Mapping[str, Any]) -> list[Entry]:
    """Return all entries of a record's timeline in the period asked for, the newest first."""
    wanted, since, until = (arguments.get(name) for name in ("kinds", "since", "until"))
    found = [
        entry
        for name, said in feed.sources
        if (wanted is None or said.kind in wanted) and not _kept_back(sight, name, said)
        for entry in _entries(sight, name, said, record)
    ]
    begin, end = (None if text is None else datetime.fromisoformat(text) for text in (since, until))
    kept = [e for e in found if (begin is None or e.at >= begin) and (end is None or e.at < end)]
    return sorted(kept, key=key, reverse=True)


def _entries(sight: Sight, name: str, said: Timeline, record: Record) -> Iterator[Entry]:
    for child in sight.live(name):
        if child.row[said.at] is not None and _leads(sight, child, said.path, record):
            yield Entry(name, child.row, said.kind, child.row[said.at])


def _leads(sight: Sight, child: Record, path: tuple[tuple[str, str], ...], record: Record) -> bool:
    (column, name), *rest = path
    if child.row.get(f"{column[:-3]}_type", name) != name:
        return False
    if not rest:
        return bool(child.row[column] == record.row["id"])
    above = next((r for r in sight.live(name) if r.row["id"] == child.row[column]), None)
    return above is not None and _leads(sight, above, tuple(rest), record)


def _kept_back(sight: Sight, name: str, said: Timeline) -> bool:
    used = [(name, said.at)]
    for column, above in said.path:
        used.append((name, column))
        name = above
    fields = [(holder, sight.entities.fields(holder)[camel(column)]) for holder, column in used]
    return any((sight.effect(holder, field) or Effect.READ_ONLY) >= Effect.MASKED for holder, field in fields)
