"""All there can be at a place of an answer."""

from __future__ import annotations

from typing import Union

from crmcore.graphql.planner.plan.leaves import Amount, Cell, Literal, Member, Minor, RecordId, Stored, Whose
from crmcore.graphql.planner.plan.objects import AnyOf, Maybe, Obj, OneOf, Records, Row
from crmcore.graphql.planner.plan.pages import Cursor, Edge, Items, Page, Some
from crmcore.graphql.planner.plan.totals import Each, Groups, Totals

__all__ = ["Node"]

Node = Union[
    Literal,
    Cell,
    Stored,
    Whose,
    RecordId,
    Minor,
    Amount,
    Member,
    Obj,
    Maybe,
    OneOf,
    AnyOf,
    Cursor,
    Items,
    Edge,
    Some,
    Page,
    Records,
    Totals,
    Groups,
    Each,
    Row,
]
