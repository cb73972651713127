"""The root fields `changes` and `history`: pages of the feed, and of one record's past."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING
from uuid import UUID

import strawberry
from strawberry.types.field import StrawberryField

from crmcore.access.actor import Actor
from crmcore.database import ids
from crmcore.entities.sealing import Reading
from crmcore.errors import Invalid
from crmcore.events.cursor import Cursor
from crmcore.events.history import history
from crmcore.events.reading import readable_entities, readable_records
from crmcore.events.recorded import Recorded
from crmcore.events.types import EventTypes
from crmcore.graphql.mutations.values import Value
from crmcore.graphql.requests.straight import straight_root
from crmcore.graphql.roots.change import change_connection, entity_type_enum, event_type_enum
from crmcore.graphql.roots.shown_change import TELLING, changes_of, known_of
from crmcore.graphql.types.entities import Types
from crmcore.graphql.types.forge import argument, many, optional

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["change_roots"]

_DEFAULT, _LARGEST = 100, 1000
#: Events looked at on the way to those that one may read, until an answer is given with what was found so far.
_MOST_LOOKED_AT = 5_000
_LEAST_READ = 100


@dataclass
class _Page:
    found: list[Recorded]
    end: Cursor | None
    more: bool

    async def shown(self, crm: Crm, actor: Actor, reading: Reading | None) -> Value:
        nodes = await changes_of(crm, actor, self.found, reading)
        cursors = [str(event.cursor) for event in self.found]
        edges = [Value("ChangeEdge", {"cursor": c, "node": node}) for c, node in zip(cursors, nodes, strict=True)]
        info = {
            "hasNextPage": self.more,
            "hasPreviousPage": False,
            "startCursor": cursors[0] if cursors else None,
            "endCursor": None if self.end is None else str(self.end),
        }
        given = {"edges": edges, "nodes": nodes, "pageInfo": Value("PageInfo", info)}
        return Value("ChangeConnection", given)


def change_roots(types: Types, events: EventTypes) -> Iterable[StrawberryField]:
    """Return `changes` and `history`."""
    connection = change_connection(types, events)
    about = (
        "What happened to records, in the order in which it was committed, without gaps: reading on from `endCursor` misses "
        "nothing and repeats nothing. One sees changes of records that one may read."
    )
    size = "How many, at most 1000. 0 without `after` gives a cursor of all that was, to read on from later."
    yield straight_root(
        "changes",
        about,
        connection,
        _changes,
        argument("after", optional(str), "Only what follows this cursor; from the oldest that is kept if absent."),
        argument("first", optional(int), size, _DEFAULT),
        argument("types", optional(many(event_type_enum(types, events))), "Only these types of changes."),
        argument("entities", optional(many(entity_type_enum(types))), "Only changes of these types of records."),
        telling=TELLING,
    )
    about = "What happened to one record, the newest first; null if there is no such record, or you may not see it."
    yield straight_root(
        "history",
        about,
        optional(connection),
        _history,
        argument("id", strawberry.ID, "Id of a record of any type."),
        argument("first", optional(int), "How many, at most 1000.", _DEFAULT),
        argument("after", optional(str), "Only what follows this cursor: what happened before."),
        telling=TELLING,
    )


async def _changes(
    crm: Crm,
    actor: Actor,
    reading: Reading | None,
    first: int | None = None,
    after: str | None = None,
    types: Sequence[Enum] | None = None,
    entities: Sequence[Enum] | None = None,
) -> Value:
    first = _size(first)
    start = None if after is None else Cursor.parse(after)
    if first == 0:
        end = await crm.feed.end()
        return await _Page([], start or end, start is not None and start < end).shown(crm, actor, None)
    wanted = _wanted(crm, actor, types, entities)
    page = await _read(crm, actor, start, first, wanted)
    return await page.shown(crm, actor, reading)


def _wanted(
    crm: Crm, actor: Actor, types: Sequence[Enum] | None, entities: Sequence[Enum] | None
) -> Sequence[str] | None:
    """Return the keys of the types to look for; None for all there are, those of plugins that are gone among them."""
    able = readable_entities(crm.entities, actor)
    if types is None and entities is None and len(able) == len(crm.entities):
        return None
    keys = crm.event_types if types is None else [member.value for member in types]
    among = able if entities is None else able & {member.value for member in entities}
    return [key for key in keys if crm.event_types[key].entity in among]


async def _read(crm: Crm, actor: Actor, start: Cursor | None, first: int, wanted: Sequence[str] | None) -> _Page:
    page, looked, size = _Page([], start, True), 0, max(first, _LEAST_READ)
    while page.more and len(page.found) < first and looked < _MOST_LOOKED_AT:
        read = await crm.feed.read(page.end, limit=size, types=wanted, as_stored=True)
        page.end, page.more = read.cursor, read.more
        page.found += await known_of(crm, actor, read.events)
        looked += len(read.events)
        # Where few may be read, more are looked at the next time.
        size = min(2 * size, _LARGEST)
    if len(page.found) > first:
        return _Page(page.found[:first], page.found[first - 1].cursor, more=True)
    return page


async def _history(
    crm: Crm, actor: Actor, reading: Reading | None, id: str, first: int | None = None, after: str | None = None
) -> Value | None:
    first = _size(first)
    entity, record = ids.split(id)
    if entity not in crm.entities:
        raise Invalid.at("id", "UNKNOWN_ID_TYPE", f"There are no records called {entity[:60]!r}.")
    before = None if after is None else Cursor.parse(after)
    if not await readable_records(crm.database, crm.entities, actor, entity, [record]):
        return None
    events = await history(crm.database, crm.entities, crm.event_types, entity, record, before=before, limit=first + 1)
    if not events and not await _exists(crm, entity, record):
        return None
    found = await known_of(crm, actor, events[:first])
    end = events[:first][-1].cursor if events[:first] else before
    return await _Page(found, end, len(events) > first).shown(crm, actor, reading)


async def _exists(crm: Crm, entity: str, record: UUID) -> bool:
    sql = f"select 1 from {crm.entities[entity].tablename} where id = $1"
    return await crm.database.fetch_value(sql, record) is not None


def _size(first: int | None) -> int:
    size = _DEFAULT if first is None else first
    if 0 <= size <= _LARGEST:
        return size
    msg = f"first is {size}; give 0 to {_LARGEST}, and ask on with cursors for more."
    raise Invalid.at("first", "PAGE_SIZE", msg)
