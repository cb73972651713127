"""A plan: the statement of some root fields, what is bound into it, and how its columns become the answer."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import dataclass

from graphql import FieldNode

from crmcore.entities.entity import Entity
from crmcore.graphql.planner.answers.fill import Fill
from crmcore.graphql.planner.answers.nulls import Branch, Fault, branch_of
from crmcore.graphql.planner.arguments.binding import Parameter
from crmcore.graphql.planner.backed import backing
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.feeds.timeline import timeline
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.lists.pages import page
from crmcore.graphql.planner.numbering import renumbered
from crmcore.graphql.planner.place import LIST, Place, Trail
from crmcore.graphql.planner.plan import Node
from crmcore.graphql.planner.request import Request
from crmcore.graphql.planner.roots import root, written
from crmcore.graphql.planner.sealed.opening import Opening
from crmcore.graphql.planner.sealed.within import AtOnce, at_once
from crmcore.graphql.roots.backing import Root

__all__ = ["Plan", "PlannedRoot", "RecordsPlan", "build", "build_records"]


@dataclass(frozen=True, slots=True)
class PlannedRoot:
    """One root field of a plan.

    Attributes:

        key: response key.
        branch: the places in it that Python has to see to.
        column: which column of the statement it is; None if it cannot be read, or needs no database.
        constant: its JSON text, when no database is needed for it.
        fills: values that Python computes into it.
        openings: places with values that Python opens or masks.
    """

    key: str
    branch: Branch
    column: int | None = None
    constant: str | None = None
    fills: tuple[Fill, ...] = ()
    openings: tuple[Opening, ...] = ()


@dataclass(frozen=True, slots=True)
class Plan:
    """How some root fields are read.

    Attributes:

        sql: one statement of one row, a column for each root that needs the database; empty when none does.
        parameters: what is read from a request, be it bound or only checked.
        bound: which of the parameters `$1`, `$2` and so on are.
        roots: in the order of the answer.
        faults: fields that cannot be read.
        openings: those of all roots.
        looks: whether values of parameters are looked up before the statement.
        at_once: the statement as it looks them up itself, if it can.
        plain: whether nothing in the answer is left for Python to see to.
    """

    sql: str
    parameters: tuple[Parameter, ...]
    bound: tuple[int, ...]
    roots: tuple[PlannedRoot, ...]
    faults: tuple[Fault, ...]
    openings: tuple[Opening, ...]
    looks: bool
    at_once: AtOnce | None
    plain: bool


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
        openings: places with values that Python opens or masks.
        looks: whether values of parameters are looked up before the statement.
        brief: whether it reads no more than the records and what they link to, and nothing is left for Python to do.
    """

    sql: str
    parameters: tuple[Parameter, ...]
    bound: tuple[int, ...]
    branch: Branch
    fills: tuple[Fill, ...]
    faults: tuple[Fault, ...]
    openings: tuple[Opening, ...]
    looks: bool
    brief: bool


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
    # A list of which only the length is asked has no cursor.
    whole = request.dialect.statement(columns) if columns else ""
    sql, bound = renumbered(whole)
    fills, faults, openings = _parted(compilation.fills)
    tree = branch_of(compilation.fills, compilation.nullable)
    roots = []
    for key, nodes, column in made:
        branch = tree.below.get(key) or Branch(compilation.nullable.get((key,), (False,)))
        own = tuple(fill for fill in fills if fill.place.trail[0] == key)
        constant = _typename(request) if nodes[0].name.value == "__typename" else None
        opened = tuple(opening for opening in openings if opening.trail[0] == key)
        roots.append(PlannedRoot(key, branch, column, constant, own, opened))
    binder = compilation.binder
    shown = [(key, columns[column]) for key, _, column in made if column is not None]
    lone = roots[0].column if len(roots) == 1 and not fills and not tree.sure else None
    alone = at_once(whole, binder, request.dialect, shown, openings, lone)
    plain = not any(root.openings or root.branch.trail or root.branch.below for root in roots)
    return Plan(sql, tuple(binder.parameters), bound, tuple(roots), faults, openings, binder.looked, alone, plain)


def build_records(
    request: Request,
    entity: Entity,
    nodes: Sequence[FieldNode],
    dropped: Container[Trail],
    *,
    after_write: bool,
    one: bool,
) -> RecordsPlan:
    """Compile the selection of records of one entity, or of one record.

    Whatever is `dropped` is so as for `build`, with trails that begin with the list of records.
    """
    compilation = Compilation(request, page, timeline, dropped)
    here = Here(Place((LIST,), nodes[0]))
    node = written(compilation, entity, nodes, after_write=after_write, one=one, here=here)
    sql, bound = renumbered(request.dialect.records(node))
    fills, faults, openings = _parted(compilation.fills)
    branch, binder = branch_of(compilation.fills, compilation.nullable), compilation.binder
    # Each list takes arguments.
    brief = not (request.sites or fills or faults or openings or binder.looked or branch.below)
    return RecordsPlan(sql, tuple(binder.parameters), bound, branch, fills, faults, openings, binder.looked, brief)


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


def _parted(
    gaps: Sequence[Fill | Fault | Opening],
) -> tuple[tuple[Fill, ...], tuple[Fault, ...], tuple[Opening, ...]]:
    fills = tuple(gap for gap in gaps if isinstance(gap, Fill))
    faults = tuple(gap for gap in gaps if isinstance(gap, Fault))
    return fills, faults, tuple(gap for gap in gaps if isinstance(gap, Opening))
