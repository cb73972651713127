"""Queries: one statement for all roots that entities back."""

from __future__ import annotations

from collections.abc import Collection, Coroutine, Mapping, Sequence
from typing import Any

import msgspec
from graphql import GraphQLError
from graphql.execution.values import VariableValues

from crmcore.access.actor import Actor
from crmcore.access.standing import Standing
from crmcore.errors import Refusal
from crmcore.graphql.planner.answers.answer import assemble, assemble_opened, decode, is_null, passed_on
from crmcore.graphql.planner.answers.result import ReadResult
from crmcore.graphql.planner.arguments.binding import located
from crmcore.graphql.planner.build import Plan
from crmcore.graphql.planner.documents.document import Operation
from crmcore.graphql.planner.place import Trail
from crmcore.graphql.planner.sealed.batch import Unseal
from crmcore.graphql.planner.statements import Fetching, Statements

__all__ = ["Queries"]


class Queries(Statements):
    """Answers queries."""

    def read(
        self,
        database: Fetching,
        operation: Operation,
        variables: VariableValues,
        actor: Actor,
        roots: Collection[str] | None = None,
        standing: Standing | None = None,
        request_id: str | None = None,
    ) -> Coroutine[Any, Any, ReadResult]:
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
        plan, params, errors = planned = self._plans.of_roots(operation, variables, actor, roots, {})
        if plan.looks:
            return self._read_looking(database, planned, operation, variables, actor, roots, standing, request_id)
        # No coroutine around: each one between the socket and the database is a hundredth of a query by id.
        return self._run(database, plan, params, errors, actor, standing, request_id)

    async def _read_looking(
        self,
        database: Fetching,
        planned: tuple[Plan, list[Any], dict[Trail, GraphQLError]],
        operation: Operation,
        variables: VariableValues,
        actor: Actor,
        roots: Collection[str] | None,
        standing: Standing | None,
        request_id: str | None,
    ) -> ReadResult:
        """Read where values are looked up before the statement, or by it."""
        plan, params, errors = planned
        refused: dict[Trail, GraphQLError] = {}
        while plan.looks:
            if plan.at_once is not None and params and not (errors and is_null(plan, errors)):
                unseal = self._unseal(plan, actor, request_id)
                if (found := await self._at_once(database, plan, params, errors, unseal, standing)) is not None:
                    return found
            params, fresh = await self._looked_up(database, plan, params)
            if not fresh:
                break
            refused |= fresh
            plan, params, errors = self._plans.of_roots(operation, variables, actor, roots, refused)
        return await self._run(database, plan, params, errors, actor, standing, request_id)

    async def _run(
        self,
        database: Fetching,
        plan: Plan,
        params: Sequence[Any],
        errors: Mapping[Trail, GraphQLError],
        actor: Actor,
        standing: Standing | None,
        request_id: str | None,
    ) -> ReadResult:
        if not plan.sql or (errors and is_null(plan, errors)):
            return await assemble(plan, (), errors, self._unseal(plan, actor, request_id))
        try:
            sql, bound = (plan.sql, params) if standing is None else standing.asking(plan.sql, params)
            row: Sequence[Any] = await database.row(sql, *bound)
        except Exception as error:
            if (refusal := self._refusal(error)) is None:
                raise
            return ReadResult(None, [*errors.values(), located(refusal, None)])
        if standing is not None:
            if not standing.confirm(row[0]):
                return ReadResult(None, [])
            row = row[1:]
        if plan.plain:
            return passed_on(plan, row)
        return await assemble(plan, row, errors, self._unseal(plan, actor, request_id))

    async def _at_once(
        self,
        database: Fetching,
        plan: Plan,
        given: Sequence[Any],
        errors: Mapping[Trail, GraphQLError],
        unseal: Unseal,
        standing: Standing | None,
    ) -> ReadResult | None:
        """Return the answer of a statement that looks up sealed values itself; None if it cannot be gone by.

        Whoever looks the values up first then says what is wrong, if anything is.
        """
        own = plan.at_once
        assert own is not None
        assert self._database is not None, "a planner of sealed entities knows its database"
        try:
            looked_for = await own.looked_for(self._database, given)
        except Refusal:
            return None
        if looked_for is None:
            return None
        sql, params = own.sql, own.params(given, looked_for)
        if standing is not None:
            sql, params = standing.asking(sql, params)
        try:
            row: Sequence[Any] = await database.row(sql, *params)
        except Exception as error:
            if self._refusal(error) is None:
                raise
            return None
        if standing is not None:
            if not standing.confirm(row[0]):
                return ReadResult(None, [])
            row = row[1:]
        if own.shown:
            decoded = decode(plan, row)
            unread = await own.open_shown(decoded, looked_for, unseal)
            return None if unread is None else await assemble_opened(plan, row, errors, decoded, unread)
        looks = len(own.within)
        opened = await own.opened(looked_for, row[:looks])
        if opened is None:
            return None
        return await assemble(plan, row[looks:], errors, msgspec.structs.replace(unseal, opened=opened))
