"""Input values coerced as graphql-core coerces them, with what depends on the schema alone worked out once.

graphql-core walks all fields of an input type for each object of that type: 20 µs for a filter of one condition. Here an
object costs what it holds. What does not coerce is left to graphql-core, whose words the client gets.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLID,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLLeafType,
    GraphQLList,
    GraphQLNonNull,
    GraphQLString,
    assert_leaf_type,
    get_nullable_type,
    is_leaf_type,
    is_required_input_field,
)
from graphql.pyutils import Undefined
from graphql.utilities.coerce_input_value import coerce_default_value

__all__ = ["Coercer"]

#: Deeper values are left to graphql-core, which refuses those without end.
_DEEPEST = 50

#: What a text is already.
_TEXTS = (GraphQLString, GraphQLID)

#: Which fields an object has, in which order, is remembered of so many objects of a type.
_SHAPES = 256

_Coerce = Callable[[Any, int], Any]
#: Of objects with the same fields: the steps in declared order (name, Python's name, whether a text may stay as it is, what
#: coerces it otherwise), and the defaults of what is absent.
_Shape = tuple[list[tuple[str, str, bool, _Coerce]], dict[str, Any]]


class Coercer:
    """Coerces values of one schema's types."""

    def __init__(self) -> None:
        self._made: dict[GraphQLInputType, _Coerce] = {}

    def of(self, type_: GraphQLInputType) -> _Coerce:
        """Return what coerces a value of a type at a depth, 0 at the top: to `Undefined` if graphql-core has to say what is wrong."""
        made = self._made.get(type_)
        if made is None:
            made = self._made[type_] = self._make(type_)
        return made

    def _make(self, type_: GraphQLInputType) -> _Coerce:
        if isinstance(type_, GraphQLNonNull):
            return self._required(type_.of_type)
        if isinstance(type_, GraphQLList):
            return self._list(type_.of_type)
        if isinstance(type_, GraphQLInputObjectType):
            return self._object(type_)
        return _leaf(assert_leaf_type(type_))

    def _required(self, type_: GraphQLInputType) -> _Coerce:
        if is_leaf_type(type_):
            return _leaf(type_, missing=Undefined)
        inner = self.of(type_)
        return lambda value, depth: Undefined if value is None else inner(value, depth)

    def _list(self, type_: GraphQLInputType) -> _Coerce:
        inner = self.of(type_)

        def coerce(value: Any, depth: int) -> Any:
            if value is None:
                return None
            items = [inner(item, depth + 1) for item in (value if isinstance(value, list) else [value])]
            return Undefined if any(item is Undefined for item in items) else items

        return coerce

    def _object(self, type_: GraphQLInputObjectType) -> _Coerce:
        fields = type_.fields
        required = frozenset(name for name, field in fields.items() if is_required_input_field(field))
        defaults = {name: coerce_default_value(field) for name, field in fields.items()}
        defaults = {name: value for name, value in defaults.items() if value is not Undefined}
        names = {name: field.out_name or name for name, field in fields.items()}
        as_is = type_.out_type is GraphQLInputObjectType.out_type
        places = {name: place for place, name in enumerate(fields)}
        texts = {name for name, field in fields.items() if get_nullable_type(field.type) in _TEXTS}
        shapes: dict[tuple[str, ...], _Shape | None] = {}

        def shape(given: tuple[Any, ...]) -> _Shape | None:
            # Made when it is needed: a type can have fields of its own type.
            if not required <= set(given) <= fields.keys():
                return None
            # In declared order as graphql-core has it: objects that differ in their order alone share a plan.
            ordered = sorted(given, key=places.__getitem__)
            steps = [(name, names[name], name in texts, self.of(fields[name].type)) for name in ordered]
            return steps, {names[name]: default for name, default in defaults.items() if name not in given}

        def coerce(value: Any, depth: int) -> Any:
            if value is None:
                return None
            if not isinstance(value, dict) or type_.is_one_of or depth > _DEEPEST:
                return Undefined
            given = tuple(value)
            if (known := shapes.get(given, Undefined)) is Undefined:
                if len(shapes) >= _SHAPES:
                    shapes.clear()
                known = shapes[given] = shape(given)
            if known is None:
                return Undefined
            steps, absent = known
            found = {}
            for name, own, is_text, inner in steps:
                coerced = value[name]
                if not is_text or type(coerced) is not str:
                    coerced = inner(coerced, depth + 1)
                    if coerced is Undefined:
                        return Undefined
                found[own] = coerced
            if absent:
                found |= absent
            return found if as_is else type_.out_type(found)

        return coerce


def _leaf(type_: GraphQLLeafType, *, missing: Any = None) -> _Coerce:
    # A member of an enum goes through three functions and Python's own enumeration otherwise, a text through one.
    members = {n: type_.coerce_input_value(n) for n in type_.values} if isinstance(type_, GraphQLEnumType) else None
    text = type_ in _TEXTS

    def coerce(value: Any, _depth: int) -> Any:
        if type(value) is str:
            if text:
                return value
            if members is not None:
                return members.get(value, Undefined)
        if value is None:
            return missing
        try:
            return type_.coerce_input_value(value)
        except Exception:
            return Undefined

    return coerce
