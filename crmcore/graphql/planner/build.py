"""A plan: the statement of some root fields, what is bound into it, and how its columns become the answer."""

from __future__ import annotations

import re
from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from graphql import FieldNode

from crmcore.entities.entity import Entity
from crmcore.graphql.backing import Root
from crmcore.graphql.planner.backed import backing
from crmcore.graphql.planner.binding import Parameter
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.fill import Fill
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.nulls import Branch, Fault, branch_of
from crmcore.graphql.planner.pages import page
from crmcore.graphql.planner.place import LIST, Place, Trail
from crmcore.graphql.planner.plan import Node
from crmcore.graphql.planner.request import Request
from crmcore.graphql.planner.roots import root, written
from crmcore.graphql.planner.timeline import timeline

__all__ = ["Plan", "PlannedRoot", "RecordsPlan", "build", "build_records"]

#: Nothing else in a statement looks like it: names are declared, constants are types, codes and fingerprints.
_PLACEHOLDER = re.compile(r"\$(\d+)")


@dataclass(frozen=True, slots=True)
class PlannedRoot:
    """One root field of a plan.

    Attributes:

        key: response key.
        branch: the places in it that Python has to see to.
        column: which column of the statement it is; None if it cannot be read, or needs no database.
        constant: its JSON text, when no database is needed for it.
        fills: values that Python computes into it.
    """

    key: str
    branch: Branch
    column: int | None = None
    constant: str | None = None
    fills: tuple[Fill, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """How some root fields are read.

    Attributes:

        sql: one statement of one row, a column for each root that needs the database; empty when none does.
        parameters: what is read from a request, be it bound or only checked.
        bound: which of the parameters `$1`, `$2` and so on are.
        roots: in the order of the answer.
        faults: fields that cannot be read.
    """

    sql: str
    parameters: tuple[Parameter, ...]
    bound: tuple[int, ...]
    roots: tuple[PlannedRoot, ...]
    faults: tuple[Fault, ...]


@dataclass(frozen=True, slots=True)
class RecordsPlan:
    """How records are read by their ids.

    Attributes:

        sql: a statement that gives a row of id and JSON text for each.
        parameters: what is read from a request, be it bound or only checked.
        bound: which of the parameters `$1`, `$2` and so on are.
        branch: the places in each that Python has to see to.
        fills: values that Python computes into each.
        faults: fields that cannot be read.
    """

    sql: str
    parameters: tuple[Parameter, ...]
    bound: tuple[int, ...]
    branch: Branch
    fills: tuple[Fill, ...]
    faults: tuple[Fault, ...]


def build(request: Request, selected: Mapping[str, list[FieldNode]], dropped: Container[Trail]) -> Plan:
    """Compile root fields; what cannot be read does not keep the rest from being read.

    Args:

        request: what there is and who asks.
        selected: the root fields' nodes by response key.
        dropped: trails of the fields whose values this request cannot bind.
    """
    compilation = Compilation(request, page, timeline, dropped)
    columns: list[Node] = []
    made = [(key, nodes, _compiled(compilation, key, nodes, columns)) for key, nodes in selected.items()]
    sql, bound = _renumbered(request.dialect.statement(columns) if columns else "")
    fills, faults = _parted(compilation.fills)
    tree = branch_of(compilation.fills, compilation.nullable)
    roots = []
    for key, nodes, column in made:
        branch = tree.below.get(key) or Branch(compilation.nullable.get((key,), (False,)))
        own = tuple(fill for fill in fills if fill.place.trail[0] == key)
        constant = _typename(request) if nodes[0].name.value == "__typename" else None
        roots.append(PlannedRoot(key, branch, column, constant, own))
    return Plan(sql, tuple(compilation.binder.parameters), bound, tuple(roots), faults)


def build_records(
    request: Request, entity: Entity, nodes: Sequence[FieldNode], dropped: Container[Trail], *, after_write: bool
) -> RecordsPlan:
    """Compile the selection of records of one entity; `dropped` as for `build`, trails beginning with the list of records."""
    compilation = Compilation(request, page, timeline, dropped)
    node = written(compilation, entity, nodes, after_write=after_write, here=Here(Place((LIST,), nodes[0])))
    sql, bound = _renumbered(request.dialect.records(node))
    fills, faults = _parted(compilation.fills)
    branch = branch_of(compilation.fills, compilation.nullable)
    return RecordsPlan(sql, tuple(compilation.binder.parameters), bound, branch, fills, faults)


def _compiled(compilation: Compilation, key: str, nodes: list[FieldNode], columns: list[Node]) -> int | None:
    query = compilation.request.schema.query_type
    assert query is not None
    if nodes[0].name.value == "__typename":
        return None
    field, here = query.fields[nodes[0].name.value], Here(Place((key,), nodes[0]))
    backed = backing(field)
    assert isinstance(backed, Root)
    node = compilation.attempt(field, here, lambda: root(compilation, backed, field, nodes, here))
    if node is None:
        return None
    columns.append(node)
    return len(columns) - 1


def _typename(request: Request) -> str:
    assert request.schema.query_type is not None
    return f'"{request.schema.query_type.name}"'


def _parted(gaps: Sequence[Fill | Fault]) -> tuple[tuple[Fill, ...], tuple[Fault, ...]]:
    fills = tuple(gap for gap in gaps if isinstance(gap, Fill))
    return fills, tuple(gap for gap in gaps if isinstance(gap, Fault))


def _renumbered(sql: str) -> tuple[str, tuple[int, ...]]:
    """Number the parameters that the statement uses from 1: a list of which only the length is asked has no cursor."""
    numbers: dict[str, int] = {}
    sql = _PLACEHOLDER.sub(lambda found: f"${numbers.setdefault(found[1], len(numbers) + 1)}", sql)
    return sql, tuple(int(number) - 1 for number in numbers)
