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

#: So many sets of fields are known of a type, each in the order in which they were given.
_SHAPES = 256

_Coerce = Callable[[Any, int], Any]
#: A field of an object: its name, Python's, whether a text may stay as it is, and what coerces anything else.
_Step = tuple[str, str, bool, _Coerce]
#: Of objects with the same fields: these in declared order, and the defaults of those that are absent.
_Shape = tuple[list[_Step], dict[str, Any]]


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
        as_is = type_.out_type is GraphQLInputObjectType.out_type
        shapes: dict[tuple[str, ...], _Shape] = {}

        def coerce(value: Any, depth: int) -> Any:
            if value is None:
                return None
            if not isinstance(value, dict) or type_.is_one_of or depth > _DEEPEST:
                return Undefined
            given = tuple(value)
            # Made when it is needed: a type can have fields of its own type.
            if (shape := shapes.get(given) or self._shape(type_, given, shapes)) is None:
                return Undefined
            steps, absent = shape
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

    def _shape(
        self, type_: GraphQLInputObjectType, given: tuple[str, ...], known: dict[tuple[str, ...], _Shape]
    ) -> _Shape | None:
        """Return how objects with these fields are coerced, and remember it; None if there are others or one is missing."""
        fields = type_.fields
        required = {name for name, field in fields.items() if is_required_input_field(field)}
        if not required <= set(given) <= fields.keys():
            return None
        steps: list[_Step] = []
        absent: dict[str, Any] = {}
        # In declared order as graphql-core has it: objects that differ in their order alone share a plan.
        for name, field in fields.items():
            own = field.out_name or name
            if name in given:
                steps.append((name, own, get_nullable_type(field.type) in _TEXTS, self.of(field.type)))
            elif (default := coerce_default_value(field)) is not Undefined:
                absent[own] = default
        if len(known) >= _SHAPES:
            known.clear()
        known[given] = steps, absent
        return steps, absent


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
