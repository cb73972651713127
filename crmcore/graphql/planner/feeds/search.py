"""Search: a page of records of several entities, those that are what is looked for first, then those that begin with it."""

from __future__ import annotations

from graphql import FieldNode, GraphQLField

from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.errors import Invalid
from crmcore.graphql.planner.arguments.given import Given
from crmcore.graphql.planner.compile import Compilation
from crmcore.graphql.planner.feeds.found import MARK, checked, digest, found, place_after
from crmcore.graphql.planner.feeds.reasons import Reasons
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.lists.shown import Shown
from crmcore.graphql.planner.lists.sizes import counted, limit
from crmcore.graphql.planner.plan import AnyOf, Cell, Node, Page, Range, Rows, Some, Sorting

__all__ = ["search"]


def search(compilation: Compilation, field: GraphQLField, nodes: list[FieldNode], here: Here) -> Node:
    """Compile the root field `search`.

    Raises:

        Invalid: the arguments have no meaning.
        Failed: they cannot be read.
    """
    given = compilation.arguments(nodes[0], here)
    query = given.get("query")
    assert query is not None
    read = query.reader(checked)
    size, _ = limit(compilation, given)
    here = counted(compilation, given, here)
    names = _wanted(compilation, given)
    after = place_after(compilation, given, read)
    alias, place = compilation.related.alias(), here.place
    same = compilation.binder.bind(lambda bound: digest(read(bound)), kinds.TEXT, place)
    tiers = found(compilation, names, read, f"({size} + 1)", after, here)
    # One more than the page has tells whether there are more.
    rest = f"select h.*, {same} as asked, (count(*) over ()) > {size} as more from ({tiers}) h"
    rows = Rows(f"({rest} order by tier, position desc limit {size})", alias, ())
    order = (
        Sorting(f"{alias}.tier", kinds.INT, False, None),
        Sorting(f"{alias}.position", compilation.request.dialect.position, True, None),
        Sorting(f"{alias}.asked", kinds.TEXT, False, None),
    )
    reasons = Reasons(compilation, names, alias, compilation.binder.bind(read, kinds.TEXT, place))

    def record(nodes: list[FieldNode], here: Here) -> AnyOf:
        entities = [entity.name for entity in names]
        return compilation.any_of(entities, f"{alias}.entity", f"{alias}.id", nodes, here)

    def more(at_end: bool) -> Node:
        if at_end:
            return Some(f"{alias}.more")
        return Cell("1 = 0" if after is None else "1 = 1", kinds.BOOL)

    shown = Shown(compilation, here, record, more, of_edge=reasons.node).connection(field, nodes)
    return Page(rows, (Range((), order),), order, False, size, MARK, shown)


def _wanted(compilation: Compilation, given: Given) -> list[Entity]:
    types = given.get("types")
    if types is not None and not types.names:
        msg = "types is empty, so nothing could be found; leave it out to look for records of all types."
        raise Invalid.at("types", "REQUIRED", msg)
    entities = compilation.request.entities
    return [entities[name] for name in entities.searched if types is None or name.upper() in types.names]
