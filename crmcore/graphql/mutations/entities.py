"""The mutations every entity has: create, update, delete, restore, destroy and upsert, of one record and of many."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any

import strawberry
from strawberry.types.arguments import StrawberryArgument
from strawberry.types.field import StrawberryField

from crmcore.entities import actions
from crmcore.entities.columns import Write as Given
from crmcore.entities.entity import Entity
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.graphql.mutations.inputs import create_input, key_enum, read_id, row_reader, update_input, writable
from crmcore.graphql.mutations.payloads import batch_result, destroy_result, record_result
from crmcore.graphql.mutations.writes import BatchWrite, Call, DestroyWrite, RecordWrite, Write
from crmcore.graphql.types.entities import Types
from crmcore.graphql.types.enums import BatchMode
from crmcore.graphql.types.forge import argument, field, many, optional

__all__ = ["entity_mutations", "idempotency_key"]

_EXPECTED = "Refuse if the record's version is no longer this one."


def idempotency_key() -> StrawberryArgument:
    """Return the argument that every mutation takes."""
    description = "A text of your own, new for each intention: the same request with the same key has its effect once."
    return argument("idempotencyKey", optional(str), description)


def entity_mutations(types: Types, entity: Entity) -> Iterable[StrawberryField]:
    """Return the mutations of an entity's declared actions."""
    makers: Mapping[str, Callable[[Types, Entity], Iterable[StrawberryField]]] = {
        "create": _create,
        "update": _update,
        "delete": _delete,
        "restore": _restore,
        "destroy": _destroy,
        "upsert": _upsert,
    }
    for action, make in makers.items():
        if action in entity.actions:
            yield from make(types, entity)


def _create(types: Types, entity: Entity) -> Iterable[StrawberryField]:
    row_of = row_reader(entity)

    def one(given: Mapping[str, Any]) -> Call:
        row = row_of(given["data"], "data")
        return lambda work: actions.create(work, entity.name, row)

    def each(item: Any, _given: Mapping[str, Any]) -> Call:
        row = row_of(item, "")
        return lambda work: actions.create(work, entity.name, row)

    data = create_input(types, entity)
    yield _one(
        types,
        entity,
        "create",
        f"Make {_a(entity)}.",
        RecordWrite(entity, one, "data"),
        argument("data", data, "What it holds."),
    )
    yield _many(types, entity, "create", f"Make many {entity.plural}.", BatchWrite(entity, "data", each), _items(data))


def _update(types: Types, entity: Entity) -> Iterable[StrawberryField]:
    if not writable(entity, Given.ALWAYS):
        return
    row_of = row_reader(entity)

    def call(given: Mapping[str, Any]) -> Call:
        id, row = read_id(given["id"], entity.name, "id"), row_of(given["data"], "data")
        expected = given.get("expectedVersion")
        return lambda work: actions.update(work, entity.name, id, row, expected_version=expected)

    data, record = update_input(types, entity), argument("id", strawberry.ID, "Which record.")
    version = argument("expectedVersion", optional(int), _EXPECTED)
    changes = argument("data", data, "What changes.")
    yield _one(
        types, entity, "update", f"Change {_a(entity)}.", RecordWrite(entity, call, "data"), record, changes, version
    )

    def fields() -> Iterable[StrawberryField]:
        yield field("id", strawberry.ID, "Which record.")
        yield field("data", data, "What changes.")
        yield field("expectedVersion", optional(int), _EXPECTED)

    item = types.forge.input(
        f"Update{entity.type_name}Item", f"One change among those of a batch of {entity.plural}.", fields
    )
    write = BatchWrite(entity, "data", lambda item, _given: call(item), "data")
    yield _many(types, entity, "update", f"Change many {entity.plural}.", write, _items(item))


def _delete(types: Types, entity: Entity) -> Iterable[StrawberryField]:
    def one(given: Mapping[str, Any]) -> Call:
        id, expected = read_id(given["id"], entity.name, "id"), given.get("expectedVersion")
        return lambda work: actions.delete(work, entity.name, id, expected_version=expected)

    def each(item: Any, _given: Mapping[str, Any]) -> Call:
        id = read_id(item, entity.name, "")
        return lambda work: actions.delete(work, entity.name, id)

    record = argument("id", strawberry.ID, "Which record.")
    version = argument("expectedVersion", optional(int), _EXPECTED)
    yield _one(
        types, entity, "delete", f"Delete {_a(entity)}; it can be restored.", RecordWrite(entity, one), record, version
    )
    records = argument("ids", many(strawberry.ID), "Which records, at most 1000.")
    write = BatchWrite(entity, "ids", each)
    yield _many(types, entity, "delete", f"Delete many {entity.plural}; they can be restored.", write, records)


def _restore(types: Types, entity: Entity) -> Iterable[StrawberryField]:
    def call(given: Mapping[str, Any]) -> Call:
        id = read_id(given["id"], entity.name, "id")
        return lambda work: actions.restore(work, entity.name, id)

    record = argument("id", strawberry.ID, "Which record.")
    yield _one(
        types, entity, "restore", f"Bring back {_a(entity)} that was deleted.", RecordWrite(entity, call), record
    )


def _destroy(types: Types, entity: Entity) -> Iterable[StrawberryField]:
    def call(given: Mapping[str, Any]) -> Call:
        id = read_id(given["id"], entity.name, "id")
        return lambda work: actions.destroy(work, entity.name, id)

    arguments = (argument("id", strawberry.ID, "Which record."), idempotency_key())
    description = f"Remove {_a(entity)} for ever, deleted or not; nothing brings it back."
    write = DestroyWrite(entity, call)
    yield field(
        f"destroy{entity.type_name}", optional(destroy_result(types)), description, backing=write, arguments=arguments
    )


def _upsert(types: Types, entity: Entity) -> Iterable[StrawberryField]:
    if not entity.keys:
        return
    row_of = row_reader(entity)

    def put(data: Mapping[str, Any], given: Mapping[str, Any], path: str) -> Call:
        row, key = row_of(data, path), given["onConflict"].value

        async def write(work: Work) -> Row:
            row_now, _created = await actions.upsert(work, entity.name, row, on=key)
            return row_now

        return write

    data = create_input(types, entity)
    key = argument("onConflict", key_enum(types, entity), "By which key an existing record is recognised.")
    about = f"Change the {entity.name.replace('_', ' ')} that has the same key, or make one."
    one = RecordWrite(entity, lambda given: put(given["data"], given, "data"), "data")
    yield _one(types, entity, "upsert", about, one, argument("data", data, "What it holds."), key)
    each = BatchWrite(entity, "data", lambda item, given: put(item, given, ""))
    yield _many(types, entity, "upsert", f"The same for many {entity.plural}.", each, _items(data), key)


def _one(
    types: Types, entity: Entity, verb: str, description: str, write: Write, *arguments: StrawberryArgument
) -> StrawberryField:
    result = optional(record_result(types, entity))
    name = f"{verb}{entity.type_name}"
    return field(name, result, description, backing=write, arguments=(*arguments, idempotency_key()))


def _many(
    types: Types, entity: Entity, verb: str, description: str, write: Write, *arguments: StrawberryArgument
) -> StrawberryField:
    mode = argument("mode", BatchMode, "What one refusal means for the others.", BatchMode.ATOMIC)
    name, result = f"{verb}{entity.plural[0].upper()}{entity.plural[1:]}", optional(batch_result(types, entity))
    return field(name, result, description, backing=write, arguments=(*arguments, mode, idempotency_key()))


def _items(data: Any) -> StrawberryArgument:
    return argument("data", many(data), "The rows, at most 1000.")


def _a(entity: Entity) -> str:
    words = entity.name.replace("_", " ")
    # No declared name begins with a u that is spoken as in "umbrella"; "user" and "unit" are what there is.
    return f"{'an' if words[0] in 'aeio' else 'a'} {words}"
