"""How the executor gets a field's value: out of what the planner read, or from a plain resolver."""

from __future__ import annotations

import asyncio
import inspect
from collections.abc import Awaitable, Callable
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLUnionType,
    get_named_type,
)

from crmcore.database import ids
from crmcore.entities.action import RecordRef
from crmcore.entities.registry import Entities
from crmcore.graphql.mutations.values import Value, type_name
from crmcore.graphql.plain.backed import Backed
from crmcore.graphql.plain.reduction import ID_KEY, TYPE_KEY

__all__ = ["install"]

_Resolve = Callable[..., Any]
_Info = GraphQLResolveInfo[Any]


def install(schema: GraphQLSchema, entities: Entities) -> Backed:
    """Make the executor able to complete what the planner read, and to read what plain resolvers refer to."""
    backed = Backed(schema, entities)
    for type_ in schema.type_map.values():
        if type_.name.startswith("__"):
            continue
        if isinstance(type_, GraphQLObjectType):
            for name, field in type_.fields.items():
                plain = backed.is_plain(type_, name)
                field.resolve = _plain(field, of_record=backed.entity(type_) is not None) if plain else _planned(field)
        elif isinstance(type_, GraphQLInterfaceType | GraphQLUnionType):
            type_.resolve_type = _resolve_type
    return backed


def _plain(field: GraphQLField, *, of_record: bool) -> _Resolve:
    original = field.resolve
    assert original is not None

    def resolve(source: Any, info: _Info, **arguments: Any) -> Any:
        parent = _record(source) if of_record else None
        return _settled(original(parent, info, **arguments), info)

    return resolve


def _planned(field: GraphQLField) -> _Resolve:
    original = field.resolve
    named = get_named_type(field.type)
    members = {name: v.value for name, v in named.values.items()} if isinstance(named, GraphQLEnumType) else {}

    def resolve(source: Any, info: _Info, **arguments: Any) -> Any:
        if isinstance(source, dict):
            value = source.get(info.path.key)
            return members[value] if isinstance(value, str) and members else _settled(value, info)
        if isinstance(source, Value):
            return _settled(source.fields[info.field_name], info)
        # A plugin's own object.
        return _settled(original(source, info, **arguments) if original else None, info)

    return resolve


def _record(source: dict[str, Any]) -> RecordRef:
    return RecordRef(*ids.split(source[ID_KEY]))


def _settled(value: Any, info: _Info) -> Any:
    if inspect.isawaitable(value):
        return _awaited(value, info)
    if isinstance(value, RecordRef):
        return info.context.reader.read(value, info.field_nodes, info.path.as_list())
    if isinstance(value, list) and any(isinstance(v, RecordRef) for v in value):
        return asyncio.gather(*(_one(v, i, info) for i, v in enumerate(value)), return_exceptions=True)
    return value


async def _awaited(value: Awaitable[Any], info: _Info) -> Any:
    settled = _settled(await value, info)
    return await settled if inspect.isawaitable(settled) else settled


async def _one(value: Any, position: int, info: _Info) -> Any:
    if not isinstance(value, RecordRef):
        return value
    return await info.context.reader.read(value, info.field_nodes, [*info.path.as_list(), position])


def _resolve_type(value: Any, _info: _Info, _type: Any) -> str:
    return value[TYPE_KEY] if isinstance(value, dict) else type_name(value)
