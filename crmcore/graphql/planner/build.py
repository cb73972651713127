"""A plan: the statement of some root fields, what is bound into it, and how its columns become the answer."""

from __future__ import annotations

import re
from collections.abc import Callable, Container, Mapping, Sequence
from dataclasses import dataclass

from graphql import FieldNode, GraphQLError, GraphQLField, is_non_null_type

from crmcore.entities.entity import Entity
from crmcore.errors import Refusal
from crmcore.graphql.backing import Root
from crmcore.graphql.planner.backed import backing
from crmcore.graphql.planner.binding import Bound, Parameter, Place
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.fill import Fill
from crmcore.graphql.planner.here import Failed, Here, failed
from crmcore.graphql.planner.pages import page
from crmcore.graphql.planner.plan import Node
from crmcore.graphql.planner.request import Request
from crmcore.graphql.planner.roots import root, written

__all__ = ["Plan", "PlannedRoot", "RecordsPlan", "build", "build_records"]

#: Nothing else in a statement looks like it: names are declared, constants are types, codes and fingerprints.
_PLACEHOLDER = re.compile(r"\$(\d+)")


@dataclass(frozen=True, slots=True)
class PlannedRoot:
    """One root field of a plan.

    Attributes:

        key: response key.
        nullable: whether it may be null.
        column: which column of the statement it is.
        constant: its JSON text, when no database is needed for it.
        error: why it cannot be read, made from what a request brings.
        fills: values that Python computes into it.
    """

    key: str
    nullable: bool
    column: int | None = None
    constant: str | None = None
    error: Callable[[Bound], GraphQLError] | None = None
    fills: tuple[Fill, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """How some root fields are read.

    Attributes:

        sql: one statement of one row, a column for each root that needs the database; empty when none does.
        parameters: what is read from a request, be it bound or only checked.
        bound: which of the parameters `$1`, `$2` and so on are.
        roots: in the order of the answer.
    """

    sql: str
    parameters: tuple[Parameter, ...]
    bound: tuple[int, ...]
    roots: tuple[PlannedRoot, ...]


@dataclass(frozen=True, slots=True)
class RecordsPlan:
    """How records are read by their ids.

    Attributes:

        sql: a statement that gives a row of id and JSON text for each.
        parameters: what is read from a request, be it bound or only checked.
        bound: which of the parameters `$1`, `$2` and so on are.
        fills: values that Python computes into each.
    """

    sql: str
    parameters: tuple[Parameter, ...]
    bound: tuple[int, ...]
    fills: tuple[Fill, ...]


def build(request: Request, selected: Mapping[str, list[FieldNode]], dropped: Container[str]) -> Plan:
    """Compile root fields; one that cannot be read does not keep the others from being read.

    Args:

        request: what there is and who asks.
        selected: the root fields' nodes by response key.
        dropped: those whose values this request cannot bind.
    """
    errors: dict[str, Callable[[Bound], GraphQLError]] = {}
    while True:
        attempt = _Attempt(request, dropped, errors)
        # Parameters of a root that failed half-way would stand in no statement, so all is compiled again without it.
        if (plan := attempt.plan(selected)) is not None:
            return plan


def build_records(request: Request, entity: Entity, nodes: Sequence[FieldNode], *, after_write: bool) -> RecordsPlan:
    """Compile the selection of records of one entity.

    Raises:

        Failed: a field of it cannot be read.
    """
    compilation = Compilation(request, page)
    node = written(compilation, entity, nodes, after_write=after_write, here=Here(Place((), nodes[0])))
    sql, bound = _renumbered(request.dialect.records(node))
    return RecordsPlan(sql, tuple(compilation.binder.parameters), bound, tuple(compilation.fills))


def _renumbered(sql: str) -> tuple[str, tuple[int, ...]]:
    """Number the parameters that the statement uses from 1: a list of which only the length is asked has no cursor."""
    numbers: dict[str, int] = {}
    sql = _PLACEHOLDER.sub(lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", sql)
    return sql, tuple(int(number) - 1 for number in numbers)


class _Attempt:
    def __init__(
        self, request: Request, dropped: Container[str], errors: dict[str, Callable[[Bound], GraphQLError]]
    ) -> None:
        self._request, self._dropped, self._errors = request, dropped, errors
        self._compilation = Compilation(request, page)
        self._columns: list[Node] = []

    def plan(self, selected: Mapping[str, list[FieldNode]]) -> Plan | None:
        roots = []
        for key, nodes in selected.items():
            try:
                roots.append(self._root(key, nodes))
            except Failed as failure:
                self._errors[key] = failure.error
                return None
        sql, bound = _renumbered(self._request.dialect.statement(self._columns) if self._columns else "")
        return Plan(sql, tuple(self._compilation.binder.parameters), bound, tuple(roots))

    def _root(self, key: str, nodes: list[FieldNode]) -> PlannedRoot:
        query = self._request.schema.query_type
        assert query is not None
        if nodes[0].name.value == "__typename":
            return PlannedRoot(key, False, constant=f'"{query.name}"')
        field = query.fields[nodes[0].name.value]
        nullable = not is_non_null_type(field.type)
        if key in self._errors:
            return PlannedRoot(key, nullable, error=self._errors[key])
        if key in self._dropped:
            return PlannedRoot(key, nullable)
        before = len(self._compilation.fills)
        self._columns.append(self._compiled(field, nodes, Here(Place((key,), nodes[0]))))
        return PlannedRoot(key, nullable, len(self._columns) - 1, fills=tuple(self._compilation.fills[before:]))

    def _compiled(self, field: GraphQLField, nodes: list[FieldNode], here: Here) -> Node:
        backed = backing(field)
        assert isinstance(backed, Root)
        try:
            return root(self._compilation, backed, field, nodes, here)
        except Refusal as refusal:
            raise failed(refusal, here) from refusal
