"""What queries and payloads have in common: sealed values looked up, the statement run, its failures told."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Protocol

from graphql import GraphQLError

from crmcore.access.actor import Actor
from crmcore.database import Database
from crmcore.entities.sealing import Reading
from crmcore.errors import Invalid
from crmcore.graphql.planner.build import Plan, RecordsPlan
from crmcore.graphql.planner.dialect import Dialect
from crmcore.graphql.planner.place import Trail
from crmcore.graphql.planner.plans import Plans
from crmcore.graphql.planner.sealed.batch import Unseal
from crmcore.graphql.planner.sealed.looking import Asking

__all__ = ["Fetching", "Statements"]

_NOTHING_SEALED = Unseal(None, None, {})


class Fetching(Protocol):
    """What the planner needs of a `Database`."""

    async def fetch(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """Run a statement."""

    async def row(self, sql: str, *params: Any) -> tuple[Any, ...]:
        """Run a statement that has one row whatever is bound to it."""


class Statements:
    """Runs the statements of plans.

    Args:

        plans: found or made.
        dialect: the database's.
        database: where the records are; it must be known if any are sealed.
    """

    def __init__(self, plans: Plans, dialect: Dialect, database: Database | None) -> None:
        self._plans, self._dialect, self._database = plans, dialect, database

    async def _looked_up(
        self, database: Fetching, plan: Plan | RecordsPlan, given: Sequence[Any]
    ) -> tuple[list[Any], dict[Trail, GraphQLError]]:
        if not given:
            return [], {}
        return await self._asking(database, plan, given).bound(plan.bound)

    def _asking(self, database: Fetching, plan: Plan | RecordsPlan, given: Sequence[Any]) -> Asking:
        assert self._database is not None, "a planner of sealed entities knows its database"

        async def fetch(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
            return await self._fetch(database, sql, params)

        return Asking(self._database, fetch, plan.parameters, given)

    def _unseal(
        self, plan: Plan | RecordsPlan, actor: Actor, request_id: str | None, reading: Reading | None = None
    ) -> Unseal:
        if not plan.openings:
            return _NOTHING_SEALED
        return Unseal(self._database, reading or Reading(actor, actor.access.purpose, request_id), {})

    async def _fetch(self, database: Fetching, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            return await database.fetch(sql, *params)
        except Exception as error:
            self._check(error)
            raise

    def _check(self, error: Exception) -> None:
        if (refusal := self._refusal(error)) is not None and refusal is not error:
            raise refusal from error

    def _refusal(self, error: Exception) -> Invalid | None:
        """Return the refusal that an error of the database is, None if it is another kind of failure."""
        if self._dialect.too_complex(error):
            msg = "The operation nests or joins more than this database can take at once; ask in smaller steps."
            return Invalid.at("", "TOO_COMPLEX", msg)
        return error if isinstance(error, Invalid) else None
