"""Events on their way into the feed and out of it, where columns of the record they are about are sealed."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields, replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

import msgspec

from crmcore.database import Database
from crmcore.entities.entity import Entity
from crmcore.entities.registry import Entities
from crmcore.entities.sealing import ERASED, Cell, Reading, Seal, is_sealed, sealed_rows
from crmcore.entities.store import Row
from crmcore.events.details import columns_of
from crmcore.events.event import Deleted, Event, Restored, Updated
from crmcore.events.recorded import Recorded

if TYPE_CHECKING:
    from crmcore.entities.work import Work

__all__ = ["Closed", "closed", "opened"]

#: Own fields of events that hold rows of the entity, and attributes of the five verbs that do.
_ROWS = ("before", "after")


class Closed:
    """What of some events is sealed: rows by identity, own fields by event and name."""

    def __init__(self) -> None:
        self.rows: dict[int, Row] = {}
        self.details: dict[tuple[UUID, str], str] = {}


async def closed(work: Work, events: Iterable[Event]) -> Closed:
    """Seal what events tell of sealed columns; the events themselves stay as they are."""
    found = Closed()
    about: dict[str, list[Event]] = {}
    for event in events:
        if work.entities[event.entity].sealed:
            about.setdefault(event.entity, []).append(event)
    for name, told in about.items():
        entity = work.entities[name]
        assert entity.seal is not None
        kept = _kept(entity.seal, told)
        found.rows |= zip(kept, await sealed_rows(work.database, entity.seal, list(kept.values())), strict=True)
        await _close_details(work, entity, entity.seal, told, found)
    return found


def _kept(seal: Seal, events: Sequence[Event]) -> dict[int, Row]:
    """Return what the feed keeps of the rows of some events, by the rows' identity.

    Of a row as it was before a change that is what has changed: the rest is not sealed for nothing.
    """
    kept: dict[int, Row] = {}
    needed = ("id", *seal.subject_columns)
    for event in events:
        was = after = None
        if isinstance(event, Updated | Deleted | Restored):
            was, after = event.before, event.after
        for row in _rows_of(event):
            if after is not None and row is was:
                part = kept.get(id(row)) or {column: row[column] for column in needed}
                kept[id(row)] = {**part, **{c: value for c, value in row.items() if value != after[c]}}
            else:
                kept[id(row)] = row
    return kept


def _rows_of(event: Event) -> Iterator[Row]:
    yield from (row for name in _ROWS if isinstance(row := getattr(event, name, None), dict))


async def _close_details(work: Work, entity: Entity, seal: Seal, events: Sequence[Event], found: Closed) -> None:
    said = [(event, name, column) for event in events for name, column in _told_of(entity, seal, type(event))]
    said = [(event, name, column) for event, name, column in said if getattr(event, name) is not None]
    if not said:
        return
    # Whose data it is, the record says as it is now.
    ids = list({event.record_id for event, _, _ in said})
    there = {row["id"]: row for row in await _subject_rows(work.database, entity, seal, ids)}
    rows = [
        there.get(event.record_id, {"id": event.record_id, **dict.fromkeys(seal.subject_columns)})
        for event, _, _ in said
    ]
    subjects = await seal.subjects(work.database, rows)
    cells = [
        Cell(column, event.record_id, subject, getattr(event, name))
        for (event, name, column), subject in zip(said, subjects, strict=True)
    ]
    for (event, name, _), text in zip(said, await seal.seal(work.database, cells), strict=True):
        found.details[event.id, name] = text


async def _subject_rows(database: Database, entity: Entity, seal: Seal, ids: Sequence[UUID]) -> list[Row]:
    columns = ", ".join(dict.fromkeys(("id", *seal.subject_columns)))
    places = ", ".join(f"${n}" for n in range(1, len(ids) + 1))
    return await database.fetch_dicts(f"select {columns} from {entity.tablename} where id in ({places})", *ids)


def _told_of(entity: Entity, seal: Seal, kind: type[Event]) -> Iterator[tuple[str, str]]:
    """Yield the own fields of a class of events that are named after a sealed column, and that column."""
    head = {field.name for field in fields(Event)}
    for field in fields(kind):
        if field.name not in head and field.name not in _ROWS:
            column = next((c for c in columns_of(entity, field.name) if c in seal.columns), None)
            if column is not None:
                yield field.name, column


async def opened(
    database: Database, entities: Entities, recorded: Sequence[Recorded], reading: Reading | None = None
) -> list[Recorded]:
    """Open what events of the feed tell of sealed columns; what is erased is shown as such."""
    found = list(recorded)
    about: dict[str, list[int]] = {}
    for place, event in enumerate(found):
        entity = entities.get(event.entity)
        if entity is not None and entity.sealed:
            about.setdefault(event.entity, []).append(place)
    for name, places in about.items():
        texts = [_read(found[place]) for place in places]
        await _open(database, entities[name], [found[place] for place in places], texts, reading)
        for place, text in zip(places, texts, strict=True):
            found[place] = replace(
                found[place],
                row=_written(text.get("row")),
                was=_written(text.get("was")),
                details=_written(text.get("details")),
            )
    return found


def _read(event: Recorded) -> dict[str, Any]:
    parts = {"row": event.row, "was": event.was, "details": event.details}
    return {part: json.loads(text) for part, text in parts.items() if text is not None}


def _written(value: Any) -> str | None:
    return None if value is None else msgspec.json.encode(value).decode()


async def _open(
    database: Database,
    entity: Entity,
    events: Sequence[Recorded],
    texts: Sequence[Mapping[str, Any]],
    reading: Reading | None,
) -> None:
    seal = entity.seal
    assert seal is not None
    places: list[tuple[dict[str, Any], str]] = []
    cells: list[Cell] = []
    for event, parts in zip(events, texts, strict=True):
        for holder, key, column in _holders(entity, parts):
            if is_sealed(holder[key]):
                places.append((holder, key))
                cells.append(Cell(column, event.record_id, None, holder[key]))
    if not cells:
        return
    values = await seal.open(database, cells, reading, past=True)
    for (holder, key), cell, value in zip(places, cells, values, strict=True):
        holder[key] = seal.columns[cell.column].erased if value is ERASED else value


def _holders(entity: Entity, parts: Mapping[str, Any]) -> Iterator[tuple[dict[str, Any], str, str]]:
    """Yield where in an event a value of a sealed column may stand: the object, its key, the column."""
    assert entity.seal is not None
    details = parts.get("details") or {}
    rows = [parts.get("row"), parts.get("was"), *(details.get(name) for name in _ROWS)]
    for row in filter(None, rows):
        yield from ((row, column, column) for column in entity.seal.columns if column in row)
    for name in details.keys() - {*_ROWS}:
        column = next((c for c in columns_of(entity, name) if c in entity.seal.columns), None)
        if column is not None:
            yield details, name, column
