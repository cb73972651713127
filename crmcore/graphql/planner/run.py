"""Operations answered: the plan found or made, values bound, one statement run, its text passed through."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any, Protocol
from uuid import UUID
from weakref import WeakKeyDictionary

from graphql import FieldNode, FragmentDefinitionNode, GraphQLError, GraphQLSchema
from graphql.execution.values import VariableValues

from crmcore.access.actor import Access, Actor
from crmcore.entities.registry import Entities
from crmcore.errors import Invalid
from crmcore.graphql.backing import Root
from crmcore.graphql.planner.answer import assemble, bind, complete, is_null
from crmcore.graphql.planner.arguments import Shape
from crmcore.graphql.planner.backed import backing
from crmcore.graphql.planner.binding import Bound, located
from crmcore.graphql.planner.build import Plan, RecordsPlan, build, build_records
from crmcore.graphql.planner.cache import Cache
from crmcore.graphql.planner.coercion import Coercer
from crmcore.graphql.planner.compile import Failed, Request
from crmcore.graphql.planner.dialect import Dialect
from crmcore.graphql.planner.postgresql import Postgresql
from crmcore.graphql.planner.sqlite import Sqlite
from crmcore.graphql.planner.document import GraphQLErrors, Operation
from crmcore.graphql.planner.prepared import PreparedOperation, PreparedSelection
from crmcore.graphql.planner.result import Explanation, ReadResult
from crmcore.graphql.planner.selection import Selected, collect
from crmcore.graphql.planner.sites import Sites

__all__ = ["Fetching", "Planner"]

_DIALECTS: Mapping[str, type[Dialect]] = {"sqlite": Sqlite, "postgresql": Postgresql}


class Fetching(Protocol):
    """What the planner needs of a `Database`."""

    async def fetch(self, sql: str, *params: Any) -> list[tuple[Any, ...]]:
        """Run a statement."""


class Planner:
    """Answers the parts of operations that are backed by entities, each with one statement.

    Args:

        entities: all entities.
        schema: made of them; fields carry their backing as Strawberry metadata.
        dialect: `Database.dialect`.
        pages: records on a page when a client does not say, and at most.
        plans: how many plans are kept.

    Attributes:

        plans: the kept plans, with hit counts.
    """

    def __init__(
        self, entities: Entities, schema: GraphQLSchema, dialect: str, *, pages: tuple[int, int] = (20, 200), plans: int = 2048
    ) -> None:
        self._entities, self._schema, self._pages = entities, schema, pages
        self._dialect = _DIALECTS[dialect]()
        self._coercer = Coercer()
        self._operations: WeakKeyDictionary[Operation, PreparedOperation] = WeakKeyDictionary()
        self._selections: Cache[tuple[str, tuple[int, ...]], PreparedSelection] = Cache(plans)
        self.plans: Cache[Hashable, Plan | RecordsPlan] = Cache(plans)

    def coerce(self, operation: Operation, variables: Mapping[str, Any] | None) -> VariableValues:
        """Coerce a request's variables.

        Raises:

            GraphQLErrors: one is missing or not of its type.
        """
        return self._prepared(operation).variables.coerce(variables or {})

    async def read(
        self,
        database: Fetching,
        operation: Operation,
        variables: VariableValues,
        actor: Actor,
        roots: Collection[str] | None = None,
    ) -> ReadResult:
        """Read the root fields of a query that entities back.

        Args:

            database: where they are.
            operation: a query.
            variables: coerced.
            actor: whose rules apply.
            roots: response keys to read; all that the planner can read if None.

        Returns:

            The fields and the errors. A root field with an error is null, or all is null where it may not be.

        Raises:

            Unavailable: the database cannot answer now.
        """
        plan, params, errors = self._bind(operation, variables, actor, roots)
        texts: Sequence[Any] = ()
        if plan.sql and not is_null(plan, errors):
            try:
                texts = (await self._fetch(database, plan.sql, params))[0]
            except Invalid as refusal:
                return ReadResult(None, [*errors.values(), located(refusal, None)])
        return await assemble(plan, texts, errors)

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
    ) -> list[str | None]:
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

        Returns:

            For each id the record's JSON text, None where there is none or the actor may not see it.

        Raises:

            GraphQLErrors: something below cannot be read; paths start at the record.
            Unavailable: the database cannot answer now.
        """
        selection = self._selection(entity, nodes, fragments)
        shapes, values, flags = selection.sites.read(variables)
        key = (selection, after_write, flags, shapes, actor.access.key)
        bound = Bound([*values, list(ids)], actor)
        plan = self.plans.get(key)
        if plan is None:
            request = self._request(actor.access, fragments, selection.sites, shapes, flags)
            try:
                plan = build_records(request, self._entities[entity], selection.nodes, after_write=after_write)
            except Failed as failure:
                raise GraphQLErrors([failure.error(bound)]) from None
            self.plans.put(key, plan)
        assert isinstance(plan, RecordsPlan)
        params, errors = bind(plan, bound)
        if errors:
            raise GraphQLErrors(list(errors.values()))
        try:
            rows = await self._fetch(database, plan.sql, params)
        except Invalid as refusal:
            raise GraphQLErrors([located(refusal, None)]) from None
        found = {str(id): text for id, text in rows}
        return await complete(plan, [found.get(str(id)) for id in ids])

    def explain(self, operation: Operation, variables: Mapping[str, Any] | None, actor: Actor) -> Explanation:
        """Return the statement that `read` would run.

        Raises:

            GraphQLErrors: a variable is missing or not of its type.
        """
        plan, params, errors = self._bind(operation, self.coerce(operation, variables), actor, None)
        return Explanation(plan.sql, tuple(params), tuple(errors.values()))

    def _bind(
        self, operation: Operation, variables: VariableValues, actor: Actor, roots: Collection[str] | None
    ) -> tuple[Plan, list[Any], dict[str, GraphQLError]]:
        prepared = self._prepared(operation)
        shapes, values, flags = prepared.sites.read(variables)
        bound = Bound(values, actor)
        wanted = None if roots is None else frozenset(roots)
        errors: dict[str, GraphQLError] = {}
        while True:
            key = (prepared, wanted, flags, shapes, actor.access.key, frozenset(errors))
            plan = self.plans.get(key)
            if plan is None:
                request = self._request(actor.access, operation.fragments, prepared.sites, shapes, flags)
                plan = build(request, self._selected(operation, request, wanted), errors)
                self.plans.put(key, plan)
            assert isinstance(plan, Plan)
            params, fresh = bind(plan, bound)
            errors.update(fresh)
            if not fresh:
                break
        errors.update((root.key, root.error(bound)) for root in plan.roots if root.error is not None)
        return plan, params, errors

    def _prepared(self, operation: Operation) -> PreparedOperation:
        prepared = self._operations.get(operation)
        if prepared is None:
            prepared = self._operations[operation] = PreparedOperation(self._schema, operation, self._coercer)
        return prepared

    def _selection(
        self, entity: str, nodes: Sequence[FieldNode], fragments: Mapping[str, FragmentDefinitionNode]
    ) -> PreparedSelection:
        key = (entity, tuple(map(id, nodes)))
        selection = self._selections.get(key)
        if selection is None:
            selection = PreparedSelection(self._schema, self._entities[entity].type_name, nodes, fragments)
            self._selections.put(key, selection)
        return selection

    def _selected(self, operation: Operation, request: Request, wanted: Collection[str] | None) -> Selected:
        query = self._schema.query_type
        assert query is not None
        selected = collect(self._schema, query, operation.definition.selection_set, operation.fragments, request.flags)
        if wanted is not None:
            return {key: nodes for key, nodes in selected.items() if key in wanted}
        names = {name for name, field in query.fields.items() if isinstance(backing(field), Root)} | {"__typename"}
        return {key: nodes for key, nodes in selected.items() if nodes[0].name.value in names}

    def _request(
        self,
        access: Access,
        fragments: Mapping[str, FragmentDefinitionNode],
        sites: Sites,
        shapes: tuple[Shape, ...],
        flags: tuple[object, ...],
    ) -> Request:
        named = dict(zip(sites.flags, flags, strict=True))
        return Request(self._schema, self._entities, self._dialect, access, fragments, sites, shapes, named, *self._pages)

    async def _fetch(self, database: Fetching, sql: str, params: Sequence[Any]) -> list[tuple[Any, ...]]:
        try:
            return await database.fetch(sql, *params)
        except Exception as error:
            if not self._dialect.too_complex(error):
                raise
            msg = "The operation nests or joins more than this database can take at once; ask in smaller steps."
            raise Invalid.at("", "TOO_COMPLEX", msg) from error
