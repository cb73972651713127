"""The planner of one schema on one database: what queries, payloads and `crm explain` ask."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo

from graphql import GraphQLSchema
from graphql.execution.values import VariableValues

from crmcore.access.actor import Actor
from crmcore.database import Database
from crmcore.entities.registry import Entities
from crmcore.graphql.planner.answers.result import Explanation
from crmcore.graphql.planner.dialect import Dialect
from crmcore.graphql.planner.documents.document import Operation
from crmcore.graphql.planner.documents.limits import Tiers
from crmcore.graphql.planner.plans import Plans
from crmcore.graphql.planner.postgresql import Postgresql
from crmcore.graphql.planner.queries import Queries
from crmcore.graphql.planner.records import Records
from crmcore.graphql.planner.sqlite import Sqlite
from crmcore.graphql.planner.statements import Fetching

__all__ = ["Fetching", "Planner"]

_DIALECTS: Mapping[str, type[Dialect]] = {"sqlite": Sqlite, "postgresql": Postgresql}


class Planner(Queries, Records):
    """Answers the parts of operations that are backed by entities, each with one statement.

    Args:

        entities: all entities.
        schema: made of them; fields carry their backing as Strawberry metadata.
        dialect: `Database.dialect`.
        pages: records on a page when a client does not say, and at most.
        tiers: how many records an answer may have, were all its pages full, by who asks.
        plans: how many plans are kept.
        zone: IANA name of the time zone in which days are counted.
        database: where the records are; it must be known if any are sealed.

    Attributes:

        plans: the kept plans, with hit counts.
    """

    def __init__(
        self,
        entities: Entities,
        schema: GraphQLSchema,
        dialect: str,
        *,
        pages: tuple[int, int] = (20, 200),
        tiers: Tiers | None = None,
        plans: int = 1024,
        zone: str = "UTC",
        database: Database | None = None,
    ) -> None:
        own = _DIALECTS[dialect]()
        found = Plans(entities, schema, own, (*pages, tiers or Tiers()), plans, ZoneInfo(zone))
        super().__init__(found, own, database)
        self.plans = found.cache

    def coerce(
        self, operation: Operation, variables: Mapping[str, Any] | None, *, suggestions: bool = True
    ) -> VariableValues:
        """Coerce a request's variables.

        Args:

            operation: which declares them.
            variables: as the client gave them.
            suggestions: whether messages about unknown names say which known name is like it.

        Raises:

            GraphQLErrors: one is missing or not of its type.
        """
        return self._plans.prepared(operation).variables.coerce(variables or {}, suggestions=suggestions)

    def explain(self, operation: Operation, variables: Mapping[str, Any] | None, actor: Actor) -> Explanation:
        """Return the statement that `read` would run.

        Raises:

            GraphQLErrors: a variable is missing or not of its type.
        """
        plan, params, errors = self._plans.of_roots(operation, self.coerce(operation, variables), actor, None, {})
        if plan.looks and params:
            # What would be looked up stands there as it was given.
            params = [params[position] for position in plan.bound]
        return Explanation(plan.sql, tuple(params), tuple(errors.values()))
