"""What a plan depends on, beside the selection."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from zoneinfo import ZoneInfo

from graphql import FragmentDefinitionNode, GraphQLSchema

from crmcore.access.actor import Access
from crmcore.entities.registry import Entities
from crmcore.graphql.planner.arguments.given import Shape
from crmcore.graphql.planner.arguments.sites import Sites
from crmcore.graphql.planner.dialect import Dialect
from crmcore.graphql.planner.documents.limits import Tiers

__all__ = ["Request"]


@dataclass(frozen=True)
class Request:
    """What a plan depends on.

    Attributes:

        schema, entities: what there is.
        dialect: the database's.
        access: what the actor may do.
        fragments: the document's.
        sites: its fields with arguments.
        shapes: their arguments' shapes.
        flags: the values of the variables of @skip and @include.
        default_page, largest_page: records on a page.
        tiers: how many records an answer may have, were all its pages full, by who asks.
        zone: in whose calendar days, weeks and months are counted.
    """

    schema: GraphQLSchema
    entities: Entities
    dialect: Dialect
    access: Access
    fragments: Mapping[str, FragmentDefinitionNode]
    sites: Sites
    shapes: tuple[Shape, ...]
    flags: Mapping[str, object]
    default_page: int
    largest_page: int
    tiers: Tiers
    zone: ZoneInfo
