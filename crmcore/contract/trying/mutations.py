"""Every mutation that a plugin adds, with arguments that it takes, as far as these can be guessed."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import date, datetime
from decimal import Decimal
from enum import Enum
from typing import Any, NamedTuple
from uuid import UUID

from graphql import GraphQLArgument, get_named_type, is_leaf_type, is_list_type, is_non_null_type, is_required_argument

from crmcore.contract.subject import Subject
from crmcore.contract.trying.records import Records
from crmcore.contract.trying.roots import plain
from crmcore.database import ids, instants
from crmcore.entities.action import REQUIRED, Action, Parameter, parameters_of
from crmcore.entities.columns import Facts, Write
from crmcore.entities.entity import Entity, camel
from crmcore.entities.kinds import BIGINT, BigInt
from crmcore.testing.values import value

__all__ = ["Request", "requests"]

#: Of the verbs every entity has those that write one record; the others are made of them.
_VERBS = ("create", "update", "delete", "restore", "destroy")


class Request(NamedTuple):
    """A mutation.

    Attributes:

        field: of `Mutation`.
        text: the document.
        variables: for it.
    """

    field: str
    text: str
    variables: dict[str, Any]


async def requests(subject: Subject, records: Records) -> AsyncIterator[Request]:
    """Yield them: those of entities, of actions, and fields of `Mutation`."""
    schema = subject.crm.schema.graphql
    assert schema.mutation_type is not None
    fields = schema.mutation_type.fields
    declared = subject.crm.declared
    for entity in (e for e in declared.entities if e.plugin == subject.name):
        for verb in (verb for verb in _VERBS if verb in entity.actions):
            name = f"{verb}{entity.type_name}"
            if name in fields:
                yield _request(fields[name], name, await _verb(records, entity, verb))
    for action in (a for a in declared.actions if a.plugin == subject.name):
        yield _request(fields[action.name], action.name, await _given(records, action))
    for extension in (e for e in declared.extensions if e.plugin == subject.name and e.target == "Mutation"):
        name = extension.field.graphql_name or camel(extension.field.python_name)
        known = [record.shown_id for record in await records.all()]
        yield _request(fields[name], name, {n: _guess(a, known) for n, a in fields[name].args.items()})


def _request(field: Any, name: str, variables: dict[str, Any]) -> Request:
    given = {n: variables[n] for n, a in field.args.items() if n in variables and (variables[n] is not None)}
    declared = ", ".join(f"${n}: {field.args[n].type}" for n in given)
    arguments = ", ".join(f"{n}: ${n}" for n in given)
    kind = get_named_type(field.type)
    below = "" if is_leaf_type(kind) else " { __typename }"
    if "Problem" in {member.name for member in getattr(kind, "types", ())}:
        below = " { __typename ... on Problem { code message } }"
    text = f"mutation{f'({declared})' if given else ''} {{ {name}{f'({arguments})' if given else ''}{below} }}"
    return Request(name, text, given)


async def _verb(records: Records, entity: Entity, verb: str) -> dict[str, Any]:
    marked = await records.marked(entity.name)
    data = await _data(records, entity) if verb == "create" else {}
    return {"id": marked.shown_id, "data": data}


async def _data(records: Records, entity: Entity) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for column, said in entity.facts.items():
        if said.write is Write.NEVER or said.null or said.default is not ... or column == "id":
            continue
        if said.currency_column:
            found[camel(column)] = {"amount": "1", "currency": "EUR"}
        elif said.target is not None:
            target = "customer" if said.target == "*" else said.target
            found[camel(column)] = ids.encode(target, (await records.row(target))["id"])
        elif not _is_partner(entity, column):
            found[camel(column)] = _wire(value(column, said, 1, records.crm.registries), said)
    return found


def _is_partner(entity: Entity, column: str) -> bool:
    return any(said.currency_column == column for said in entity.facts.values())


async def _given(records: Records, action: Action[..., Any]) -> dict[str, Any]:
    found = {}
    for parameter in action.parameters:
        if parameter.default is REQUIRED:
            made = await _made(records, parameter)
            found[camel(parameter.name)] = [made] if parameter.many else made
    return found


async def _made(records: Records, parameter: Parameter) -> Any:
    if parameter.ref is not None:
        entity = "customer" if parameter.ref.entity == "*" else parameter.ref.entity
        return ids.encode(entity, (await records.row(entity))["id"])
    if parameter.type is BigInt:
        return "1"
    if issubclass(parameter.type, Enum):
        return next(iter(parameter.type)).name
    for kind, example in _EXAMPLES.items():
        if issubclass(parameter.type, kind):
            return example
    return {
        camel(p.name): [made] if p.many else made
        for p in parameters_of(parameter.type)
        if p.default is REQUIRED
        for made in [await _made(records, p)]
    }


_EXAMPLES: dict[type, Any] = {
    bool: True,
    int: 1,
    float: 1.0,
    Decimal: "1",
    str: "A text",
    datetime: "2026-01-01T09:00:00Z",
    date: "2026-01-01",
    dict: {},
}


def _guess(argument: GraphQLArgument, known: list[str]) -> Any:
    if not is_required_argument(argument):
        return None
    named = get_named_type(argument.type)
    inner = argument.type.of_type if is_non_null_type(argument.type) else argument.type
    made = next(iter(known), None) if named.name == "ID" else next(plain(named, []), None)
    return [made] if is_list_type(inner) else made


def _wire(made: Any, said: Facts) -> Any:
    if isinstance(made, datetime):
        return instants.wire(made)
    if isinstance(made, date):
        return made.isoformat()
    return str(made) if said.kind is BIGINT or isinstance(made, UUID) else made
