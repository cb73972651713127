"""Input values at random, built from their types; what is likely to mean something is likelier."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    GraphQLEnumType,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLList,
    GraphQLNonNull,
    get_named_type,
    is_non_null_type,
)
from hypothesis import strategies as st

from tests.graphql.reference.literals import Member, Variable, literal, plain

__all__ = ["Draw", "Inputs", "Pools"]

Draw = Callable[[st.SearchStrategy[Any]], Any]


@dataclass(frozen=True)
class Pools:
    """Values that the data knows.

    Attributes:

        scalars: by name of a scalar.
        ids: by entity.
        cursors: by entity: an `orderBy` and the cursors of its records.
    """

    scalars: Mapping[str, Sequence[Any]]
    ids: Mapping[str, Sequence[str]]
    cursors: Mapping[str, Sequence[tuple[Any, Sequence[str]]]] = field(default_factory=dict)


class Inputs:
    """Draws the arguments of one operation.

    Attributes:

        declared: declarations of its variables.
        given: the values given for them.
    """

    def __init__(self, draw: Draw, pools: Pools, skipped: Callable[[str, str], bool]) -> None:
        self._draw, self._pools, self._skipped = draw, pools, skipped
        self.declared: list[str] = []
        self.given: dict[str, Any] = {}
        #: A variable's value has no variables.
        self._constant = False

    def chance(self, percent: int) -> bool:
        """Be true so often."""
        return bool(self._draw(st.integers(0, 99)) >= 100 - percent)

    def one_of(self, choices: Sequence[Any]) -> Any:
        """Choose one."""
        return self._draw(st.sampled_from(choices))

    def flag(self) -> str:
        """Return the operand of @skip or @include: a literal or a variable."""
        if self.chance(40):
            return str(self.one_of(("true", "false")))
        nullable = self.chance(30)
        made = self._variable(
            "Boolean" if nullable else "Boolean!", lambda: self.one_of((True, False)), default=nullable
        )
        # Null is false to the specification (6.3.2 CollectFields) and to the planner, an error to graphql-core.
        if self.given.get(made.name, True) is None:
            del self.given[made.name]
        return literal(made)

    def argument(self, type_: GraphQLInputType, default: bool, make: Callable[[], Any] | None = None) -> Any:
        """Draw a value for an argument, perhaps through a variable.

        Args:

            type_: the argument's.
            default: whether it has one, so that a nullable variable may stand where null may not.
            make: draws the value itself.
        """
        made = make or (lambda: self.value(type_))
        if not self.chance(25):
            return None if not is_non_null_type(type_) and self.chance(8) else made()
        name = str(type_)
        if is_non_null_type(type_) and default and self.chance(30):
            name = name[:-1]
        return self._variable(name, made)

    def value(self, type_: GraphQLInputType, within: str = "", depth: int = 0) -> Any:
        """Draw a value that is not null at the top; `within` is the field of an input object it is for."""
        if isinstance(type_, GraphQLNonNull):
            return self.value(type_.of_type, within, depth)
        if isinstance(type_, GraphQLList):
            if self.chance(10):
                return self.value(type_.of_type, within, depth)
            count = self.one_of((0, 1, 1, 2, 3))
            return [self.value(type_.of_type, within, depth) for _ in range(count)]
        if isinstance(type_, GraphQLEnumType):
            return Member(self.one_of(tuple(type_.values)))
        if isinstance(type_, GraphQLInputObjectType):
            return self._object(type_, depth)
        return self._scalar(str(type_), within)

    def _object(self, type_: GraphQLInputObjectType, depth: int) -> dict[str, Any]:
        if type_.name.endswith("Order") and self.chance(90):
            return self._order(type_, depth)
        required = [name for name, f in type_.fields.items() if is_non_null_type(f.type) and f.default is None]
        choices = [n for n in type_.fields if n not in required and self._fits(type_, n, depth)]
        chosen = [*required]
        for _ in range(self.one_of((0, 1, 1, 1, 2, 2)) if choices else 0):
            name = self.one_of(choices)
            if name not in chosen:
                chosen.append(name)
        found: dict[str, Any] = {}
        for name in chosen:
            inner = type_.fields[name]
            if not is_non_null_type(inner.type) and self.chance(6):
                found[name] = None
            elif not self._constant and self.chance(8):
                found[name] = self._variable(str(inner.type), lambda i=inner, n=name: self.value(i.type, n, depth + 1))
            else:
                found[name] = self.value(inner.type, name, depth + 1)
        return found

    def _order(self, type_: GraphQLInputObjectType, depth: int) -> dict[str, Any]:
        """Draw a key of an order that names one thing to go by."""
        links = [
            n for n in type_.fields if n not in ("field", "direction", "nulls") and not self._skipped(type_.name, n)
        ]
        by = self.one_of(links) if links and depth < 4 and self.chance(30) else "field"
        found = {by: self.value(type_.fields[by].type, by, depth + 1)}
        for name in ("direction", "nulls"):
            if self.chance(35):
                found[name] = self.value(type_.fields[name].type, name, depth + 1)
        return found

    def _fits(self, type_: GraphQLInputObjectType, name: str, depth: int) -> bool:
        if self._skipped(type_.name, name):
            return False
        inner = get_named_type(type_.fields[name].type)
        return depth < 4 or not isinstance(inner, GraphQLInputObjectType)

    def _scalar(self, name: str, within: str) -> Any:
        if name == "ID":
            every = [id for known in self._pools.ids.values() for id in known]
            return self.one_of(every) if self.chance(95) else "nonsense"
        return self.one_of(self._pools.scalars[name])

    def _variable(self, type_: str, make: Callable[[], Any], *, default: bool = False) -> Variable:
        name = f"v{len(self.declared)}"
        nullable = not type_.endswith("!")
        self._constant = True
        declared = f" = {literal(make())}" if default or self.chance(30) else ""
        if nullable and self.chance(20):
            self.given[name] = None
        elif not ((nullable or declared) and self.chance(25)):
            self.given[name] = plain(make())
        self._constant = False
        self.declared.append(f"${name}: {type_}{declared}")
        return Variable(name)
