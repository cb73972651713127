"""Operations answered: the plan found or made, values bound, one statement run, its text passed through."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID
from zoneinfo import ZoneInfo

from graphql import FieldNode, FragmentDefinitionNode, GraphQLError, GraphQLSchema
from graphql.execution.values import VariableValues

from crmcore.access.actor import Actor
from crmcore.access.standing import Standing
from crmcore.database import Database
from crmcore.entities.registry import Entities
from crmcore.entities.sealing import Reading
from crmcore.errors import Invalid, Refusal
from crmcore.graphql.planner.answers.answer import assemble, complete, is_null
from crmcore.graphql.planner.answers.result import Explanation, ReadRecord, ReadResult
from crmcore.graphql.planner.arguments.binding import located
from crmcore.graphql.planner.build import Plan, RecordsPlan
from crmcore.graphql.planner.dialect import Dialect
from crmcore.graphql.planner.documents.document import GraphQLErrors, Operation
from crmcore.graphql.planner.documents.limits import Tiers
from crmcore.graphql.planner.place import Trail
from crmcore.graphql.planner.plans import Plans
from crmcore.graphql.planner.postgresql import Postgresql
from crmcore.graphql.planner.sealed.batch import Opened, Unseal
from crmcore.graphql.planner.sealed.looking import Asking
from crmcore.graphql.planner.sealed.within import AtOnce
from crmcore.graphql.planner.sqlite import Sqlite

__all__ = ["Fetching", "Planner"]

_NOTHING_SEALED = Unseal(None, None, {})
_DIALECTS: Mapping[str, type[Dialect]] = {"sqlite": Sqlite, "postgresql": Postgresql}


class Fetching(Protocol):
    """What the planner needs of a `Database`."""

    async def fetch(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """Run a statement."""

    async def row(self, sql: str, *params: Any) -> tuple[Any, ...]:
        """Run a statement that has one row whatever is bound to it."""


class Planner:
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
        self._database = database
        self._dialect = _DIALECTS[dialect]()
        self._plans = Plans(entities, schema, self._dialect, (*pages, tiers or Tiers()), plans, ZoneInfo(zone))
        self.plans = self._plans.cache

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

    async def read(
        self,
        database: Fetching,
        operation: Operation,
        variables: VariableValues,
        actor: Actor,
        roots: Collection[str] | None = None,
        standing: Standing | None = None,
        request_id: str | None = None,
    ) -> ReadResult:
        """Read the root fields of a query that entities back.

        Args:

            database: where they are.
            operation: a query.
            variables: coerced.
            actor: whose rules apply.
            roots: response keys to read; all that the planner can read if None.
            standing: of the actor, if they are only known from before: the statement confirms it. Where it does not,
                nothing is read.
            request_id: of the request, for the log of who read sealed values.

        Returns:

            The fields and the errors. A field with an error is null, or what is around it as far as that may not be.

        Raises:

            Unavailable: the database cannot answer now.
        """
        refused: dict[Trail, GraphQLError] = {}
        texts: Sequence[Any] | None
        while True:
            plan, params, errors = self._plans.of_roots(operation, variables, actor, roots, refused)
            if not plan.looks:
                break
            if plan.at_once is not None and params and not is_null(plan, errors):
                texts, counts, opened = await self._at_once(database, plan.at_once, params, standing)
                if not counts:
                    return ReadResult(None, [])
                if texts is not None:
                    return await assemble(plan, texts, errors, self._unseal(plan, actor, request_id, opened))
            params, fresh = await self._looked_up(database, plan, params)
            if not fresh:
                break
            refused |= fresh
        texts = ()
        if plan.sql and not is_null(plan, errors):
            try:
                texts, counts = await self._row(database, plan.sql, params, standing)
            except Invalid as refusal:
                return ReadResult(None, [*errors.values(), located(refusal, None)])
            if not counts:
                return ReadResult(None, [])
        return await assemble(plan, texts, errors, self._unseal(plan, actor, request_id))

    async def read_records(
        self,
        database: Fetching,
        entity: str,
        ids: Sequence[UUID],
        nodes: Sequence[FieldNode],
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
        actor: Actor,
        *,
        after_write: bool = True,
        request_id: str | None = None,
    ) -> list[ReadRecord]:
        """Read what a payload selects of records, with one statement for all of them.

        Args:

            database: where they are; inside a transaction, as that sees them.
            entity: its name.
            ids: which records.
            nodes: fields whose selection sets are merged; the same objects for the same document, since plans are kept
                by them.
            fragments: the document's.
            variables: coerced.
            actor: whose rules apply.
            after_write: whether the actor has just written the records: then deleted ones count, and no row rule
                stands between. Related records obey the rules in any case.
            request_id: of the request, for the log of who read sealed values.

        Returns:

            For each id the record.

        Raises:

            GraphQLErrors: they are too much for the database to read at once.
            Unavailable: the database cannot answer now.
        """
        refused: dict[Trail, GraphQLError] = {}
        while True:
            plan, params, errors = self._plans.of_records(
                entity, ids, nodes, fragments, variables, actor, refused, after_write=after_write
            )
            if not plan.looks:
                break
            params, fresh = await self._looked_up(database, plan, params)
            if not fresh:
                break
            refused |= fresh
        try:
            rows = await self._fetch(database, plan.sql, params)
        except Invalid as refusal:
            raise GraphQLErrors([located(refusal, None)]) from None
        found = {str(id): text for id, text in rows}
        texts = [found.get(str(id)) for id in ids]
        return await complete(plan, texts, errors, self._unseal(plan, actor, request_id))

    async def read_last(
        self,
        database: Database,
        entity: str,
        id: UUID,
        nodes: Sequence[FieldNode],
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
        actor: Actor,
    ) -> str | None:
        """Read what a payload selects of a record by the last statement of the transaction that wrote it, and commit.

        Returns:

            Its JSON text; None if there is no such record, or if it takes more than a moment: no transaction stays open
            for a list, or for what Python has a part in. Then nothing has happened.
        """
        plan, params, errors = self._plans.of_records(
            entity, [id], nodes, fragments, variables, actor, {}, after_write=True
        )
        if not plan.brief or errors:
            return None
        rows = await database.fetch_last(plan.sql, *params)
        return rows[0][1] if rows else None

    async def read_written(
        self,
        database: Fetching,
        entity: str,
        id: UUID,
        nodes: Sequence[FieldNode],
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
        actor: Actor,
    ) -> str | None:
        """Read what a payload selects of a record that is committed; payloads that are alike and read at once are one statement.

        Returns:

            Its JSON text; None as `read_last` gives it.
        """
        plan, params, errors = self._plans.of_records(
            entity, [id], nodes, fragments, variables, actor, {}, after_write=True
        )
        if not plan.brief or errors:
            return None
        # A row whether or not there is a record, as `row` wants it.
        row = await database.row(f"select r.* from (select 1) as one left join ({plan.sql}) as r on true", *params)
        text: str | None = row[1]
        return text

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

    async def _looked_up(
        self, database: Fetching, plan: Plan | RecordsPlan, given: Sequence[Any]
    ) -> tuple[list[Any], dict[Trail, GraphQLError]]:
        if not given:
            return [], {}
        return await self._asking(database, plan, given).bound(plan.bound)

    async def _at_once(
        self, database: Fetching, own: AtOnce, given: Sequence[Any], standing: Standing | None
    ) -> tuple[Sequence[Any] | None, bool, Opened]:
        """Return the row of a statement that looks up sealed values itself, None if it cannot be gone by; see `_row`.

        The third is what was opened to see that.
        """
        assert self._database is not None, "a planner of sealed entities knows its database"
        try:
            looked_for = await own.looked_for(self._database, given)
        except Refusal:
            looked_for = None
        if looked_for is None:
            # Whoever looks the values up first says what is wrong, if anything is.
            return None, True, {}
        try:
            row, counts = await self._row(database, own.sql, own.params(given, looked_for), standing)
        except Invalid:
            return None, True, {}
        if not counts:
            return None, False, {}
        looks = len(own.within)
        opened = await own.opened(looked_for, row[:looks])
        return (None, True, {}) if opened is None else (row[looks:], True, opened)

    async def _row(
        self, database: Fetching, sql: str, params: Sequence[Any], standing: Standing | None
    ) -> tuple[Sequence[Any], bool]:
        """Return the only row of a statement, and whether its actor still stands as was known, if that is to be confirmed."""
        if standing is not None:
            sql, params = standing.asking(sql, params)
        try:
            row = await database.row(sql, *params)
        except Exception as error:
            self._check(error)
            raise
        return (row, True) if standing is None else (row[1:], standing.confirm(row[0]))

    def _asking(self, database: Fetching, plan: Plan | RecordsPlan, given: Sequence[Any]) -> Asking:
        assert self._database is not None, "a planner of sealed entities knows its database"

        async def fetch(sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
            return await self._fetch(database, sql, params)

        return Asking(self._database, fetch, plan.parameters, given)

    def _unseal(
        self, plan: Plan | RecordsPlan, actor: Actor, request_id: str | None, opened: Opened | None = None
    ) -> Unseal:
        if not plan.openings:
            return _NOTHING_SEALED
        return Unseal(self._database, Reading(actor, actor.access.purpose, request_id), opened or {})

    async def _fetch(self, database: Fetching, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            return await database.fetch(sql, *params)
        except Exception as error:
            self._check(error)
            raise

    def _check(self, error: Exception) -> None:
        if self._dialect.too_complex(error):
            msg = "The operation nests or joins more than this database can take at once; ask in smaller steps."
            raise Invalid.at("", "TOO_COMPLEX", msg) from error
