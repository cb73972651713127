"""The one GraphQL schema of a CRM, assembled from its entities, its named actions and what plugins add."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

import strawberry
from graphql import GraphQLSchema
from strawberry.schema.config import StrawberryConfig
from strawberry.types.base import StrawberryObjectDefinition
from strawberry.types.field import StrawberryField

from crmcore.cache import Cache
from crmcore.entities.action import Action
from crmcore.entities.registries import Registries
from crmcore.entities.registry import Entities, Giver
from crmcore.errors import SetupError
from crmcore.events.types import EventTypes
from crmcore.graphql.mutations.entities import entity_mutations
from crmcore.graphql.mutations.named import action_mutation
from crmcore.graphql.plain.resolvers import install
from crmcore.graphql.plain.route import Route, route
from crmcore.graphql.planner.documents.document import Operation
from crmcore.graphql.roots.changes import change_roots
from crmcore.graphql.roots.entities import entity_roots, listing_root, node_roots
from crmcore.graphql.roots.jobs import job_roots
from crmcore.graphql.roots.search import search_root
from crmcore.graphql.roots.viewer import viewer_roots
from crmcore.graphql.schema.added import added_fields
from crmcore.graphql.schema.deprecated import deprecate
from crmcore.graphql.schema.gathered import Gathered, graphql_name
from crmcore.graphql.schema.provenance import CORE, Provenance, find_provenance
from crmcore.graphql.schema.provenance_sdl import attributed
from crmcore.graphql.subscriptions.roots import changed_root, changes_root, picked_root, progress_root
from crmcore.graphql.types.entities import Types
from crmcore.graphql.types.problem import Problems
from crmcore.graphql.types.references import with_entity_types
from crmcore.graphql.types.scalars import SCALARS

if TYPE_CHECKING:
    from crmcore.plugins.contributed import Contributed

__all__ = ["CrmSchema", "build_schema"]


#: Answers kept; one about the whole schema has a megabyte.
_INTROSPECTIONS = 8


class CrmSchema(strawberry.Schema):
    """A Strawberry schema whose types carry the fields that plugins add to them.

    Args:

        types: of the entities.
        added: fields by the GraphQL name of the type they are for, or by its Strawberry class.
        whose: finds out who gives what, when somebody wants to know.
        options: as for `strawberry.Schema`.

    Attributes:

        introspected: answers to introspection, JSON text by operation, response key and variables.
    """

    def __init__(
        self,
        types: Types,
        added: Mapping[str | type, Sequence[StrawberryField]],
        whose: Callable[[GraphQLSchema], Provenance],
        /,
        **options: Any,
    ) -> None:
        # Before super(): it builds the types, and asks for their fields.
        self._types = types
        self._added = added
        self._whose = whose
        self._fields: dict[type, list[StrawberryField]] = {}
        super().__init__(**options)
        deprecate(self.graphql)
        self._backed = install(self.graphql, types.entities)
        self.introspected: Cache[tuple[Operation, str, bytes], bytes] = Cache(_INTROSPECTIONS)

    @property
    def graphql(self) -> GraphQLSchema:
        """The same schema as graphql-core knows it."""
        return self._schema

    @property
    def sdl(self) -> str:
        """The schema definition, as `crm schema` prints it and `docs/schema.graphql` has it: with who gives what."""
        return f"{attributed(self.as_str(), self.provenance).strip()}\n"

    @cached_property
    def provenance(self) -> Provenance:
        """Who gives which type, field and value, and since which version."""
        return self._whose(self._schema)

    def route(self, operation: Operation) -> Route:
        """Return which of an operation's roots go to the planner and which to the executor; found once."""
        known = operation.notes.get(self)
        if known is None:
            known = operation.notes[self] = route(self._backed, operation)
        assert isinstance(known, Route)
        return known

    def get_fields(self, type_definition: StrawberryObjectDefinition) -> list[StrawberryField]:
        """Return a type's fields, those that plugins add last."""
        if (known := self._fields.get(type_definition.origin)) is not None:
            return known
        added = [*self._added.get(type_definition.name, ()), *self._added.get(type_definition.origin, ())]
        fields = [with_entity_types(self._types, f) for f in (*type_definition.fields, *added)]
        return self._fields.setdefault(type_definition.origin, fields)

    def get_field_for_type(self, field_name: str, type_name: str) -> StrawberryField | None:
        """Find an added field too: Strawberry's directives and code generation ask here."""
        definition = self.get_type_by_name(type_name)
        if not isinstance(definition, StrawberryObjectDefinition):
            return None
        return next((f for f in self.get_fields(definition) if graphql_name(f) == field_name), None)


def build_schema(
    entities: Entities,
    registries: Registries,
    actions: Sequence[Action[..., Any]] = (),
    contributed: Contributed | None = None,
    events: EventTypes | None = None,
) -> CrmSchema:
    """Assemble a schema; each call makes all types anew, so schemas of one process know nothing of each other.

    Args:

        entities: types, lists, filters, orders, inputs and mutations follow from them.
        registries: the open sets, whose members the descriptions name.
        actions: named actions.
        contributed: what plugins give beyond these: extensions, listings, types.
        events: what can happen to the entities' records; without it the schema has neither feed nor jobs.

    Raises:

        SetupError: two parties give the same field, or a field is added to a type there is not: all of them.
    """
    types = Types(entities, registries)
    problems: list[str] = []
    query, mutation = Gathered("Query", problems), Gathered("Mutation", problems)
    subscription = Gathered("Subscription", problems)
    core = Giver(CORE)
    query.add(core, node_roots())
    if "user" in entities:
        query.add(Giver("access"), viewer_roots(types))
    for entity in entities.values():
        giver = Giver(entity.plugin, entity.since)
        query.add(giver, entity_roots(types, entity, past=events is not None))
        mutation.add(giver, entity_mutations(types, entity))
    if entities.searched:
        query.add(core, [search_root(types)])
    if events is not None:
        query.add(core, change_roots(types, events))
        query.add(Giver("jobs"), job_roots(types))
        subscription.add(core, [changes_root(types, events)])
        subscription.add(Giver("jobs"), [progress_root(types)])
        for entity in entities.values():
            subscription.add(Giver(entity.plugin, entity.since), [changed_root(types, events, entity)])
        for live in contributed.lives if contributed else ():
            subscription.add(Giver(live.plugin, live.since), [picked_root(types, events, live, problems)])
    for action in actions:
        mutation.add(Giver(action.plugin, action.since), [action_mutation(types, action)])
    for listing in contributed.listings if contributed else ():
        query.add(Giver(listing.plugin, listing.since), [listing_root(types, listing)])
    roots = [
        types.forge.object("Query", "What can be read.", lambda: query.fields),
        types.forge.object(
            "Mutation", "What can be done; several are done one after the other.", lambda: mutation.fields
        ),
        types.forge.object("Subscription", "What can be followed as it happens.", lambda: subscription.fields),
    ]
    types.forge.complete()
    gathered: dict[str | type, Gathered] = {"Query": query, "Mutation": mutation}
    added = added_fields(types, gathered, contributed, problems)
    if problems:
        raise SetupError("graphql-conflict", problems)
    return CrmSchema(
        types,
        added,
        lambda made: find_provenance(made, entities, [*gathered.values(), subscription], contributed, events),
        query=roots[0],
        mutation=roots[1] if mutation.fields or "Mutation" in added else None,
        subscription=roots[2] if subscription.fields else None,
        types=[*map(types.of, entities.values()), *(made for _, made in (contributed.types if contributed else ()))],
        config=StrawberryConfig(scalar_map=SCALARS),
        exception_handlers=[Problems()],
    )
