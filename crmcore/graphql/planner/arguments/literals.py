"""Literals with variables in them: what the text and the schema alone say of them is worked out once.

graphql-core coerces all of such a literal for each request: 60 µs for `filter: {country: {eq: $country}}`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final

from graphql import (
    GraphQLInputField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    ListValueNode,
    ObjectValueNode,
    ValueNode,
    VariableNode,
    is_required_input_field,
)
from graphql.pyutils import Undefined
from graphql.utilities.coerce_input_value import coerce_default_value, coerce_input_literal

__all__ = ["Read", "has_variable", "reader"]

#: From coerced variables to a literal's value; `Undefined` where graphql-core has to say what is wrong.
Read = Callable[[Mapping[str, Any]], Any]
_ABSENT: Final = object()


class _Unusual(Exception):
    """graphql-core has to coerce it for each request."""


def reader(node: ValueNode, type_: GraphQLInputType) -> Read | None:
    """Return what reads a literal that has variables in it, None if graphql-core has to."""
    try:
        return _reader(node, type_)
    except _Unusual:
        return None


def has_variable(node: ValueNode) -> bool:
    """Say whether a literal is a variable, or has one in it."""
    if isinstance(node, VariableNode):
        return True
    inner: Iterable[ValueNode] = getattr(node, "values", ()) or [f.value for f in getattr(node, "fields", ())]
    return any(map(has_variable, inner))


def _reader(node: ValueNode, type_: GraphQLInputType) -> Read:
    if isinstance(node, VariableNode):
        return _variable(node.name.value, type_, Undefined)
    if not has_variable(node):
        return _constant(coerce_input_literal(node, type_))
    if isinstance(type_, GraphQLNonNull):
        type_ = type_.of_type
    if isinstance(type_, GraphQLList):
        return _list(node, type_.of_type)
    if isinstance(node, ObjectValueNode) and isinstance(type_, GraphQLInputObjectType) and not type_.is_one_of:
        return _object(node, type_)
    raise _Unusual


def _constant(value: Any) -> Read:
    if value is Undefined:
        raise _Unusual
    return lambda _: value


def _variable(name: str, type_: GraphQLInputType, missing: Any) -> Read:
    if not isinstance(type_, GraphQLNonNull):
        return lambda values: values.get(name, missing)

    def read(values: Mapping[str, Any]) -> Any:
        value = values.get(name, missing)
        return Undefined if value is None else value

    return read


def _list(node: ValueNode, type_: GraphQLInputType) -> Read:
    if not isinstance(node, ListValueNode):
        reads = [_reader(node, type_)]
    else:
        # A variable that is missing from a list is null there.
        reads = [
            _variable(one.name.value, type_, None) if isinstance(one, VariableNode) else _reader(one, type_)
            for one in node.values
        ]

    def read(values: Mapping[str, Any]) -> Any:
        found = [one(values) for one in reads]
        return Undefined if any(one is Undefined for one in found) else found

    return read


def _object(node: ObjectValueNode, type_: GraphQLInputObjectType) -> Read:
    given = {field.name.value: field.value for field in node.fields}
    if not given.keys() <= type_.fields.keys():
        raise _Unusual
    members = [(field.out_name or name, _member(given.get(name), field)) for name, field in type_.fields.items()]
    members = [(name, read) for name, read in members if read is not _absent]

    def read(values: Mapping[str, Any]) -> Any:
        found: dict[str, Any] = {}
        for name, of in members:
            value = of(values)
            if value is Undefined:
                return Undefined
            if value is not _ABSENT:
                found[name] = value
        return type_.out_type(found)

    return read


def _member(node: ValueNode | None, field: GraphQLInputField) -> Read:
    missing: Any = coerce_default_value(field)
    if missing is Undefined and not is_required_input_field(field):
        missing = _ABSENT
    if isinstance(node, VariableNode):
        return _variable(node.name.value, field.type, missing)
    if node is not None:
        return _reader(node, field.type)
    return _absent if missing is _ABSENT else _constant(missing)


def _absent(_: Mapping[str, Any]) -> Any:
    return _ABSENT
