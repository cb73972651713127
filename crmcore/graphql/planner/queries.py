"""Queries: one statement for all roots that entities back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Coroutine, Mapping, Sequence
from functools import partial
from typing import Any

import msgspec
from graphql import GraphQLError
from graphql.execution.values import VariableValues

from crmcore.access.actor import Actor
from crmcore.access.standing import Standing
from crmcore.entities.sealing import LookedFor, Reading
from crmcore.errors import Refusal
from crmcore.graphql.planner.answers.answer import assemble, assemble_opened, decode, is_null, passed_on
from crmcore.graphql.planner.answers.result import ReadResult
from crmcore.graphql.planner.arguments.binding import located
from crmcore.graphql.planner.build import Plan
from crmcore.graphql.planner.documents.document import Operation
from crmcore.graphql.planner.place import Trail
from crmcore.graphql.planner.sealed.batch import Unseal
from crmcore.graphql.planner.sealed.opening import open_all
from crmcore.graphql.planner.sealed.within import AtOnce
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
        if not plan.looks:
            # No coroutine around: each one between the socket and the database is a hundredth of a query by id.
            return self._run(database, plan, params, errors, actor, standing, request_id)
        looking = partial(
            self._read_looking, database, planned, operation, variables, actor, roots, standing, request_id
        )
        if plan.at_once is None or not params or (errors and is_null(plan, errors)):
            return looking()
        return self._at_once(plan.at_once, database, planned, actor, standing, request_id, looking)

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
        """Read where values are looked up before the statement."""
        plan, params, errors = planned
        refused: dict[Trail, GraphQLError] = {}
        while plan.looks:
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
        own: AtOnce,
        database: Fetching,
        planned: tuple[Plan, list[Any], dict[Trail, GraphQLError]],
        actor: Actor,
        standing: Standing | None,
        request_id: str | None,
        looking: Callable[[], Awaitable[ReadResult]],
    ) -> ReadResult:
        """Return the answer of a statement that looks up sealed values itself, or of `looking` if that cannot be gone by.

        Whoever looks the values up first then says what is wrong, if anything is.
        """
        plan, given, errors = planned
        assert self._database is not None, "a planner of sealed entities knows its database"
        try:
            asked = await own.asked(self._database, given)
        except Refusal:
            asked = None
        if asked is None:
            return await looking()
        looked_for, params = asked
        sql, bound = (own.sql, params) if standing is None else standing.asking(own.sql, params)
        try:
            row: Sequence[Any] = await database.row(sql, *bound)
        except Exception as error:
            if self._refusal(error) is None:
                raise
            return await looking()
        if standing is not None:
            if not standing.confirm(row[0]):
                return ReadResult(None, [])
            row = row[1:]
        reading = Reading(actor, actor.access.purpose, request_id)
        if own.lone is not None and not errors:
            shown, page = own.shown[0], msgspec.json.decode(row[own.lone])
            if not await shown.open(page, looked_for[0], reading):
                return await looking()
            return ReadResult({shown.root: msgspec.json.encode(page).decode()}, [])
        answer = await self._answered(own, plan, row, errors, looked_for, reading)
        return await looking() if answer is None else answer

    async def _answered(
        self,
        own: AtOnce,
        plan: Plan,
        row: Sequence[Any],
        errors: Mapping[Trail, GraphQLError],
        looked_for: Sequence[LookedFor],
        reading: Reading,
    ) -> ReadResult | None:
        """Return the answer of a statement that looked sealed values up itself; None if it found something else than them."""
        if own.shown:
            decoded = decode(plan, row)
            for shown, one in zip(own.shown, looked_for, strict=True):
                if not await shown.open(decoded[shown.root], one, reading):
                    return None
            unread = await open_all(decoded, own.left, Unseal(self._database, reading, {})) if own.left else {}
            return await assemble_opened(plan, row, errors, decoded, unread)
        looks = len(own.within)
        if (opened := await own.opened(looked_for, row[:looks])) is None:
            return None
        return await assemble(plan, row[looks:], errors, Unseal(self._database, reading, opened))
