"""What a record's links point to must exist, and be known to the actor; what is destroyed leaves no link behind."""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import lru_cache
from itertools import compress
from typing import Any
from uuid import UUID

from crmcore.access.bound import EVERY_ROW, bound_rule
from crmcore.database import ids
from crmcore.entities.change import Change
from crmcore.entities.checks import is_trusted
from crmcore.entities.entity import Entity, camel
from crmcore.entities.hoping import all_hold, holds
from crmcore.entities.work import Work

__all__ = ["cut_loose", "resolve_links"]


#: Of a kind of record, as JSON: what `check_custom_fields` asks next.
_DEFINED = """
    (select coalesce(json_agg(json_build_object(
        'key', d.key, 'label', d.label, 'kind', d.kind, 'choices', d.choices, 'is_required', d.is_required)), '[]')
     from custom_field_definition d where d.record_type = ${place} and d.deleted_at is null)
"""


@lru_cache
def _none_required(place: int) -> str:
    return (
        f"not exists (select 1 from custom_field_definition d where d.record_type = ${place} and d.is_required "
        "and d.deleted_at is null)"
    )


#: A record, as the name of its entity and its id.
_Record = tuple[str, UUID]
#: A column and the record that it leads to, None if it may lead to none such.
_Link = tuple[str, _Record | None]


async def resolve_links(work: Work, change: Change) -> None:
    """Note a violation for every changed link that leads to no live record the actor may see.

    Which of the two it is stays unsaid, so that ids cannot be probed. The targets are locked against being destroyed
    by the database's own foreign keys.
    """
    links = _links(work, change)
    await _look(work, change, links)
    for column, record in links:
        if record is None:
            known = ", ".join(work.entities.attachable)
            change.refuse(column, "WRONG_ID_TYPE", f"{camel(column)} must be the id of one of: {known}.")
        elif record not in work.known:
            shown = f"{record[0]} {ids.encode(*record)}"
            change.refuse(column, "UNKNOWN_REFERENCE", f"{camel(column)}: there is no {shown}, or you may not see it.")


def _links(work: Work, change: Change) -> list[_Link]:
    found: list[_Link] = []
    values, before = change.values, change.before
    links = change.entity.links
    # An id is never false, and most columns are empty.
    for column in compress(links, map(values.get, links)):
        value = values[column]
        if before is not None and value == before[column]:
            continue
        target = change.entity.targets[column]
        if (
            target == "*"
            and (target := change.get(f"{column.removesuffix('_id')}_type")) not in work.entities.attachable
        ):
            found.append((column, None))
        else:
            found.append((column, (target, value)))
    return found


async def _look(work: Work, change: Change, links: Iterable[_Link]) -> None:
    """Look for all that are not known yet, by one statement."""
    # A batch links to the same few users, stages and pipelines again and again.
    known = work.known
    asked = dict.fromkeys([record for _, record in links if record is not None and record not in known])
    if work.lot is not None:
        for record in [record for record in asked if _is_held(work, *record)]:
            known.add(record)
            del asked[record]
    foreseen, hopes = _asks_for_definitions(work, change), work.hopes
    if not asked and not (foreseen and hopes):
        return
    values: list[Any] = []
    parts = [_there(work, *record, values) for record in asked]
    if hopes and not (foreseen and change.values.get("custom_fields")):
        work.known.update(asked)
        await _hope(work, change, parts, values, foreseen=foreseen)
        return
    if foreseen:
        values.append(change.entity.name)
        parts.append(_DEFINED.format(place=len(values)))
    (found,) = await work.database.fetch(f"select {', '.join(parts)}", *values)
    work.known.update(link for link, there in zip(asked, found, strict=False) if there)
    if foreseen:
        change.defined = json.loads(found[-1])


async def _hope(work: Work, change: Change, parts: list[str], values: list[Any], *, foreseen: bool) -> None:
    """Take the links as found, and the custom fields of a new record that has none as not missing, until the commit says."""
    if foreseen:
        change.defined = []
        values.append(change.entity.name)
        parts.append(_none_required(len(values)))
    one, many = _hoped(tuple(parts), work.database.dialect)
    await work.hope(one, *values, many=many)


@lru_cache(1024)
def _hoped(parts: tuple[str, ...], dialect: str) -> tuple[str, str]:
    condition = " and ".join(parts)
    return holds(condition, dialect), all_hold(condition)


def _asks_for_definitions(work: Work, change: Change) -> bool:
    # A lot remembers them, and where SQLite asks it has no round trip to save.
    if change.kind != "create" or work.lot is not None:
        return False
    if work.database.dialect == "sqlite" and (change.values.get("custom_fields") or not work.hopes):
        return False
    return "custom_fields" in change.entity.columns and "custom_field_definition" in work.entities


def _there(work: Work, name: str, id: UUID, values: list[Any]) -> str:
    """Return the expression that says whether a record is there for the actor; add its values to those of others."""
    target = work.entities[name]
    values.append(id)
    start = len(values)
    if is_trusted(work.actor):
        predicate = EVERY_ROW
    else:
        predicate, more = bound_rule(work.entities, work.database.dialect, work.actor, name, "read", start + 1)
        values += more
    return _exists(target.tablename, start, predicate, live=target.soft_delete)


@lru_cache(1024)
def _exists(table: str, start: int, predicate: str, *, live: bool) -> str:
    return (
        f"exists (select 1 from {table} t where t.id = ${start} and ({predicate}){' and t.deleted_at is null' * live})"
    )


def _is_held(work: Work, name: str, id: UUID) -> bool:
    target = work.entities[name]
    if work.lot is None or not (is_trusted(work.actor) or work.reach(target, "read") is None):
        return False
    row = work.lot.get(target, id)
    return row is not None and row.get("deleted_at") is None


async def cut_loose(work: Work, entity: Entity, id: UUID) -> None:
    """Remove or empty the any-links to a record that is about to be destroyed; no foreign key does that."""
    if not entity.attachable:
        return
    for other in work.entities.values():
        for column, said in other.facts.items():
            if said.target == "*":
                kind_column = f"{column.removesuffix('_id')}_type"
                where = f"where {column} = $1 and {kind_column} = $2"
                if said.null:
                    sql = f"update {other.tablename} set {column} = null, {kind_column} = null, version = version + 1 {where}"
                else:
                    sql = f"delete from {other.tablename} {where}"
                await work.database.execute(sql, id, entity.name)
