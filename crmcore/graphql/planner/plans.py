"""Plans found or made: kept by what they depend on, which is never a value."""

from __future__ import annotations

from collections.abc import Collection, Hashable, Mapping, Sequence
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from graphql import FieldNode, FragmentDefinitionNode, GraphQLError, GraphQLSchema
from graphql.execution.values import VariableValues

from crmcore.access.actor import Access, Actor
from crmcore.cache import Cache
from crmcore.entities.registry import Entities
from crmcore.graphql.planner.answers.answer import bind
from crmcore.graphql.planner.answers.nulls import Fault
from crmcore.graphql.planner.arguments.binding import Bound
from crmcore.graphql.planner.arguments.coercion import Coercer
from crmcore.graphql.planner.arguments.given import Shape
from crmcore.graphql.planner.arguments.prepared import PreparedOperation, PreparedSelection
from crmcore.graphql.planner.arguments.selection import Selected, collect
from crmcore.graphql.planner.arguments.sites import Sites
from crmcore.graphql.planner.backed import backing
from crmcore.graphql.planner.build import Plan, RecordsPlan, build, build_records
from crmcore.graphql.planner.dialect import Dialect
from crmcore.graphql.planner.documents.document import Operation
from crmcore.graphql.planner.documents.limits import Tiers
from crmcore.graphql.planner.place import Trail
from crmcore.graphql.planner.request import Request
from crmcore.graphql.roots.backing import Root

__all__ = ["Plans"]


class Plans:
    """The plans of one schema on one kind of database.

    Args:

        entities: all entities.
        schema: made of them.
        dialect: the database's.
        sizes: records on a page by default, on a page at most, and in an answer at most by who asks.
        size: how many plans are kept.
        zone: the time zone of the CRM.

    Attributes:

        cache: the kept plans.
    """

    def __init__(
        self,
        entities: Entities,
        schema: GraphQLSchema,
        dialect: Dialect,
        sizes: tuple[int, int, Tiers],
        size: int,
        zone: ZoneInfo,
    ) -> None:
        self._entities, self._schema, self._dialect, self._sizes = entities, schema, dialect, sizes
        self._zone = zone
        self._coercer = Coercer()
        self._selections: Cache[tuple[str, tuple[int, ...]], PreparedSelection] = Cache(size)
        self.cache: Cache[Hashable, Plan | RecordsPlan] = Cache(size)

    def prepared(self, operation: Operation) -> PreparedOperation:
        """Return what is known of an operation before its variables."""
        prepared = operation.notes.get(self)
        if prepared is None:
            prepared = operation.notes[self] = PreparedOperation(self._schema, operation, self._coercer)
        assert isinstance(prepared, PreparedOperation)
        return prepared

    def of_roots(
        self,
        operation: Operation,
        variables: VariableValues,
        actor: Actor,
        roots: Collection[str] | None,
        refused: Mapping[Trail, GraphQLError],
    ) -> tuple[Plan, list[Any], dict[Trail, GraphQLError]]:
        """Return the plan of a query's roots, what is bound to it, and the errors of fields that cannot be read.

        Errors of fields that are `refused` already are among these.
        """
        prepared = self.prepared(operation)
        shapes, values, flags = prepared.sites.read(variables)
        bound = Bound(values, actor)
        wanted = None if roots is None else frozenset(roots)
        errors = dict(refused)
        while True:
            # A field whose values cannot be bound is left out, so that the others are answered.
            key = (prepared, wanted, flags, shapes, actor.access.key, frozenset(errors))
            plan = self.cache.get(key)
            if plan is None:
                request = self._request(actor.access, operation.fragments, prepared.sites, shapes, flags)
                plan = build(request, self._selected(operation, request, wanted), errors)
                self.cache.put(key, plan)
            assert isinstance(plan, Plan)
            params, fresh = bind(plan, bound)
            if not fresh:
                return plan, params, errors | _explained(plan.faults, bound) if plan.faults else errors
            _add(errors, fresh)

    def of_records(
        self,
        entity: str,
        ids: Sequence[UUID],
        nodes: Sequence[FieldNode],
        fragments: Mapping[str, FragmentDefinitionNode],
        variables: VariableValues,
        actor: Actor,
        refused: Mapping[Trail, GraphQLError],
        *,
        after_write: bool,
    ) -> tuple[RecordsPlan, list[Any], dict[Trail, GraphQLError]]:
        """Return the plan of a selection of records, what is bound to it, and the errors of fields that cannot be read.

        Errors of fields that are `refused` already are among these.
        """
        selection = self._selection(entity, nodes, fragments)
        shapes, values, flags = selection.sites.read(variables)
        one = len(ids) == 1
        bound = Bound([*values, list(ids)], actor)
        errors = dict(refused)
        while True:
            key = (selection, after_write, one, flags, shapes, actor.access.key, frozenset(errors))
            plan = self.cache.get(key)
            if plan is None:
                request = self._request(actor.access, fragments, selection.sites, shapes, flags)
                plan = build_records(
                    request, self._entities[entity], selection.nodes, errors, after_write=after_write, one=one
                )
                self.cache.put(key, plan)
            assert isinstance(plan, RecordsPlan)
            params, fresh = bind(plan, bound)
            if not fresh:
                return plan, params, errors | _explained(plan.faults, bound) if plan.faults else errors
            _add(errors, fresh)

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
        return Request(
            self._schema,
            self._entities,
            self._dialect,
            access,
            fragments,
            sites,
            shapes,
            named,
            *self._sizes,
            self._zone,
        )


def _explained(faults: Sequence[Fault], bound: Bound) -> dict[Trail, GraphQLError]:
    return {fault.place.trail: fault.error(bound) for fault in faults if fault.error is not None}


def _add(errors: dict[Trail, GraphQLError], fresh: Mapping[Trail, GraphQLError]) -> None:
    assert not errors.keys() & fresh.keys(), "a field that was left out binds nothing"
    errors.update(fresh)
