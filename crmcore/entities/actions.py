"""The verbs every entity has; GraphQL, import, command line, jobs and plugins all come through here.

Each runs inside the `Work` it is given, obeys the actor's rules, lets the entity's `prepare` decide, writes, and emits.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from typing import Any
from uuid import UUID

from crmcore.access.actor import Scope
from crmcore.database import Contention, ReferenceViolation, UniqueViolation, ids
from crmcore.entities import forms, store
from crmcore.entities.change import Change, Verb
from crmcore.entities.checks import check_values, is_trusted, supply_defaults
from crmcore.entities.entity import Entity, camel
from crmcore.entities.kinds import TEXT
from crmcore.entities.leaving import left, touched
from crmcore.entities.links import cut_loose, resolve_links
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Conflict, Duplicate, Forbidden, InUse, Invalid
from crmcore.events import Created, Deleted, Destroyed, Restored, Updated
from crmcore.search import keeping

__all__ = ["create", "delete", "destroy", "restore", "update", "upsert"]


async def create(work: Work, entity: str, values: Mapping[str, Any], **context: Any) -> Row:
    """Make a record.

    Args:

        work: the unit of work.
        entity: entity name.
        values: by column, Python values; `id` may be among them.
        context: what the entity's `prepare` should know beyond columns.

    Returns:

        The row as written.

    Raises:

        Invalid: the values break rules; all of them are listed.
        Forbidden: the actor may not create such a record.
        Duplicate: a unique key is taken, or the id is.
    """
    kind = work.entities[entity]
    _may_create(work, kind)
    change = Change(kind, "create", values.get("id") or ids.new(), None, dict(values), frozenset(values), [], context)
    _own(work, change)
    check_values(change, work.actor, work.registries)
    supply_defaults(change)
    await resolve_links(work, change)
    await _prepare(work, change)
    row: Row = {**kind.blank, **work.stamps(kind, created=True), **change.values, "id": change.id}
    if work.lot is not None:
        await work.lot.insert(kind, row, check=work.reach(kind, "create") is not None)
    elif work.hopes and kind.seal is None and not kind.found_as:
        reached = functools.partial(work.predicate, kind, "create")
        for left in store.left_insert(work.database.dialect, kind, row, reached):
            await work.hope_left(left)
    else:
        await _insert(work, kind, row)
    await work.emit(work.event(Created, kind, change.id, after=row))
    return row


async def _insert(work: Work, kind: Entity, row: Row) -> None:
    try:
        reached = await store.insert(work.database, kind, row, work.reach(kind, "create"))
    except UniqueViolation as taken:
        raise _duplicate(kind, row, taken) from taken
    except ReferenceViolation as gone:
        raise _gone(gone) from gone
    if kind.found_as:
        await keeping.written(work.database, work.entities, kind, [row])
    if not reached:
        raise _out_of_reach(work, kind, "create")


async def update(
    work: Work,
    entity: str,
    id: UUID,
    values: Mapping[str, Any],
    *,
    expected_version: int | None = None,
    **context: Any,
) -> Row:
    """Change some columns of a record; a change that changes nothing writes nothing.

    Args:

        work: the unit of work.
        entity: entity name.
        id: the record.
        values: by column; what is absent stays.
        expected_version: refuse if somebody has written since this version.
        context: what the entity's `prepare` should know beyond columns.

    Returns:

        The row as it now is.

    Raises:

        NotFound: there is no such live record, or the actor may not know of it.
        Forbidden: the actor may not change it.
        Invalid: the values break rules.
        Conflict: the version is another one.
        Duplicate: a unique key is taken.
    """
    kind = work.entities[entity]
    before = await work.get(entity, id, action="update")
    _check_version(kind, before, expected_version)
    change = Change(kind, "update", id, before, dict(values), frozenset(values), [], context)
    check_values(change, work.actor, work.registries)
    await resolve_links(work, change)
    await _prepare(work, change)
    different = {c: v for c, v in change.values.items() if v != before[c]}
    if not different:
        return before
    row = {**before, **work.stamps(kind, created=False), **different, "version": before["version"] + 1}
    await _write(work, kind, before, row)
    if kind.guarded_by in different:
        await _check_reach(work, kind, id, "update")
    await work.emit(work.event(Updated, kind, id, before=before, after=row, changed=frozenset(different)))
    return row


async def delete(work: Work, entity: str, id: UUID, *, expected_version: int | None = None, **context: Any) -> Row:
    """Delete a record so that it can be restored; its unique keys become free.

    Raises:

        NotFound, Forbidden, Conflict: as for `update`.
        InUse: the entity's rules say that others need it.
    """
    kind = work.entities[entity]
    before = await work.get(entity, id, action="delete")
    _check_version(kind, before, expected_version)
    await _prepare(work, Change(kind, "delete", id, before, {}, frozenset(), [], context))
    row = {**before, **work.stamps(kind, created=False), "deleted_at": work.now, "version": before["version"] + 1}
    await _write(work, kind, before, row)
    work.known.clear()
    await work.emit(work.event(Deleted, kind, id, before=before, after=row))
    return row


async def restore(work: Work, entity: str, id: UUID) -> Row:
    """Bring a deleted record back; one that lives is returned as it is.

    Raises:

        NotFound, Forbidden: as for `delete`.
        Duplicate: a unique key it had was taken meanwhile.
    """
    kind = work.entities[entity]
    before = await work.get(entity, id, action="delete", deleted=True)
    if before["deleted_at"] is None:
        return before
    change = Change(kind, "restore", id, before, {"deleted_at": None})
    await _prepare(work, change)
    row = {**before, **work.stamps(kind, created=False), **change.values, "version": before["version"] + 1}
    await _write(work, kind, before, row)
    await work.emit(work.event(Restored, kind, id, before=before, after=row))
    return row


async def destroy(work: Work, entity: str, id: UUID) -> Row:
    """Remove a record for ever, with what hangs on it; return what it was.

    Raises:

        NotFound, Forbidden: as for `update`, by the permission `destroy`.
        InUse: other records refer to it; the message names their table.
    """
    kind = work.entities[entity]
    before = await work.get(entity, id, action="destroy", deleted=True)
    await _prepare(work, Change(kind, "destroy", id, before, {}))
    await keeping.forget(work.database, work.entities, kind, id)
    about = await touched(work.database, work.entities, kind, id) if work.entities.sealed else {}
    await cut_loose(work, kind, id)
    try:
        await store.delete(work.database, kind, id)
    except ReferenceViolation as needed:
        by = f" by {needed.table}" if needed.table else ""
        msg = f"{ids.encode(kind.name, id)} is still referred to{by}; destroy or detach those records first."
        raise InUse(msg) from needed
    await left(work.database, work.entities, about)
    if kind.found_as:
        await keeping.written(work.database, work.entities, kind, [before])
    work.known.clear()
    await work.emit(work.event(Destroyed, kind, id, before=before))
    return before


async def upsert(work: Work, entity: str, values: Mapping[str, Any], *, on: str, **context: Any) -> tuple[Row, bool]:
    """Update the live record that has the same key, or create one.

    Args:

        work: the unit of work.
        entity: entity name.
        values: by column; must hold every column of the key, none of them null.
        on: name of one of the entity's keys.
        context: what the entity's `prepare` should know beyond columns.

    Returns:

        The row, and whether it was created.

    Raises:

        Invalid: no such key, or the values lack a part of it.
        NotFound, Forbidden, Duplicate: as for `create` and `update`.
    """
    kind = work.entities[entity]
    equals = _key_values(kind, values, on)
    found = await work.find(entity, **equals)
    if not found:
        try:
            async with work.savepoint():
                return await create(work, entity, values, **context), True
        except Duplicate as duplicate:
            raise _race(duplicate, equals) from duplicate
    changes = {c: v for c, v in values.items() if c not in equals and c != "id"}
    return await update(work, entity, found[0]["id"], changes, **context), False


def _race(duplicate: Duplicate, equals: Mapping[str, Any]) -> Exception:
    # The key was free in this transaction's snapshot, so another transaction has just made the record: running the whole
    # unit again finds it. Any other key that is taken is for the client to mend.
    taken = duplicate.__cause__
    if isinstance(taken, UniqueViolation) and set(taken.columns) == set(equals):
        return Contention("Another transaction made the same record at the same moment; try again.")
    return duplicate


def _key_values(kind: Entity, values: Mapping[str, Any], on: str) -> dict[str, Any]:
    key = next((k for k in kind.keys if k.name == on), None)
    if key is None:
        known = ", ".join(k.name for k in kind.keys) or "none"
        raise Invalid.at("onConflict", "UNKNOWN_KEY", f"{kind.type_name} has no key {on}; it has {known}.")
    for column in key.columns:
        if values.get(column) is None:
            message = f"{camel(column)} is part of the key {on} and cannot be empty."
            raise Invalid.at(camel(column), "REQUIRED", message)
    return {column: _as_stored(kind, column, values[column]) for column in key.columns}


def _as_stored(kind: Entity, column: str, value: Any) -> Any:
    said = kind.facts[column]
    if said.kind is not TEXT or not isinstance(value, str):
        return value
    try:
        return forms.clean(said.form or "line", value)
    except ValueError as problem:
        raise Invalid.at(camel(column), "MALFORMED", f"{camel(column)}: {problem}") from problem


def _may_create(work: Work, kind: Entity) -> None:
    if kind.guarded_by is None and work.actor.access.scope(kind.name, "create") is Scope.NONE:
        msg = f"{work.actor.label} may not create {kind.plural}; ask for a role with {kind.name}:create."
        raise Forbidden(msg)


def _own(work: Work, change: Change) -> None:
    if "owner_id" not in change.values and "owner_id" in change.entity.columns and not is_trusted(work.actor):
        change.values["owner_id"] = work.actor.user_id


async def _prepare(work: Work, change: Change) -> None:
    if change.entity.prepare is not None:
        await change.entity.prepare(work, change)
    change.settle()


async def _check_reach(work: Work, kind: Entity, id: UUID, verb: Verb) -> None:
    if work.reach(kind, verb) is not None and not await work.reaches(kind.name, id, verb):
        raise _out_of_reach(work, kind, verb)


def _out_of_reach(work: Work, kind: Entity, verb: Verb) -> Forbidden:
    thing = kind.name.replace("_", " ")
    return Forbidden(f"{work.actor.label} may not {verb} this {thing}: its owner, team or parent is out of reach.")


def _check_version(kind: Entity, row: Row, expected: int | None) -> None:
    if expected is not None and row["version"] != expected:
        msg = (
            f"{ids.encode(kind.name, row['id'])} is at version {row['version']}, you expected {expected}: "
            "somebody changed it meanwhile. Read it again and repeat your change."
        )
        raise Conflict(msg)


async def _write(work: Work, kind: Entity, before: Row, row: Row) -> None:
    values = {c: v for c, v in row.items() if v != before[c]}
    if work.lot is not None and work.lot.update(row["id"], values):
        return
    if work.hopes and kind.seal is None:
        await work.hope(*store.left_update(kind, before, values))
        await keeping.changed(work.database, work.entities, kind, [before, row], values)
        return
    try:
        written = await store.update(work.database, kind, before, values)
    except UniqueViolation as taken:
        raise _duplicate(kind, row, taken) from taken
    except ReferenceViolation as gone:
        raise _gone(gone) from gone
    if not written:
        msg = f"{ids.encode(kind.name, row['id'])} was changed by somebody else at the same moment; try again."
        raise Conflict(msg)
    await keeping.changed(work.database, work.entities, kind, [before, row], values)


def _gone(violation: ReferenceViolation) -> Conflict:
    where = f" ({', '.join(map(camel, violation.columns))})" if violation.columns else ""
    return Conflict(f"A record this one refers to{where} was destroyed at the same moment; choose another.")


def _duplicate(kind: Entity, row: Row, taken: UniqueViolation) -> Duplicate:
    columns = [c for c in taken.columns if c in kind.columns]
    if not columns:
        return Duplicate(f"Another {kind.name.replace('_', ' ')} has the same unique key ({taken.constraint}).")
    said = ", ".join(f"{camel(c)} {row.get(c)!s:.80}" for c in columns)
    return Duplicate(f"Another {kind.name.replace('_', ' ')} already has {said}.")
