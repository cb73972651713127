"""The tree of what is wanted, after rules and before any database: each node is one JSON value of the answer.

SQL inside it is made of declared names and placeholders only; `a.b` names a column of the rows aliased `a`.
"""

from __future__ import annotations

from crmcore.graphql.planner.plan.leaves import Amount, Cell, Literal, Member, Minor, RecordId, Stored, Whose
from crmcore.graphql.planner.plan.node import Node
from crmcore.graphql.planner.plan.objects import AnyOf, Maybe, Obj, OneOf, Records, Row
from crmcore.graphql.planner.plan.pages import Cursor, Edge, Items, Page, Some
from crmcore.graphql.planner.plan.rows import Range, Rows, SealedKey, Sorting
from crmcore.graphql.planner.plan.totals import Each, Groups, Scan, Totals

__all__ = [
    "Amount",
    "AnyOf",
    "Cell",
    "Cursor",
    "Each",
    "Edge",
    "Groups",
    "Items",
    "Literal",
    "Maybe",
    "Member",
    "Minor",
    "Node",
    "Obj",
    "OneOf",
    "Page",
    "Range",
    "RecordId",
    "Records",
    "Row",
    "Rows",
    "Scan",
    "SealedKey",
    "Some",
    "Sorting",
    "Stored",
    "Totals",
    "Whose",
]
