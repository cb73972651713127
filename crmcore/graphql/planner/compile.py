"""From a selection to the tree of what is wanted: each field by what backs it, with the actor's rules in it."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterable, Mapping
from functools import partial
from typing import Any

from graphql import (
    FieldNode,
    GraphQLField,
    GraphQLObjectType,
    GraphQLString,
    get_named_type,
    is_non_null_type,
)

from crmcore.access.actor import Effect
from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.entities.masks import keeps, mask_of
from crmcore.errors import Forbidden, Invalid, Refusal
from crmcore.graphql.planner.answers.fill import Fill
from crmcore.graphql.planner.answers.nulls import Fault, nullability
from crmcore.graphql.planner.arguments.binding import Binder, located
from crmcore.graphql.planner.arguments.given import REFUSED, Given
from crmcore.graphql.planner.arguments.selection import Selected, collect
from crmcore.graphql.planner.backed import FieldBacking, backing, object_type
from crmcore.graphql.planner.cells import needed_node, value_node
from crmcore.graphql.planner.dialect import quote
from crmcore.graphql.planner.here import Failed, Here, unreadable
from crmcore.graphql.planner.lists.filters import Filters
from crmcore.graphql.planner.place import WAY, Place, Trail
from crmcore.graphql.planner.plan import AnyOf, Cell, Literal, Maybe, Member, Minor, Node, Obj, OneOf, Rows
from crmcore.graphql.planner.related import Related
from crmcore.graphql.planner.request import Request
from crmcore.graphql.planner.rules import Rules
from crmcore.graphql.planner.sealed.opening import Opening, openable

__all__ = ["Compilation", "PageMaker", "TimelineMaker"]

#: From the compilation, an entity, the rows of a list, the connection's field, its nodes and where it stands.
PageMaker = Callable[["Compilation", Entity, Rows, GraphQLField, list[FieldNode], "Here"], Node]
#: From the compilation, what is merged, the record's alias, the connection's field, its nodes and where it stands.
TimelineMaker = Callable[["Compilation", f.Feed, str, GraphQLField, list[FieldNode], "Here"], Node]

_NULL = Literal(None)
#: Fields of the type `Actor`, and where a stamp has them.
_STAMP = {"type": "type", "actorId": "id", "label": "label"}


class Compilation:
    """Compiles the fields of one statement.

    Attributes:

        request: what the statement depends on.
        page: compiles connections, which show records, which have connections.
        timeline: compiles timelines, which show records too.
        dropped: trails of the fields whose values this request cannot bind.
        binder: the statement's parameters.
        fills: what Python has to see to afterwards: values it opens or computes, fields that cannot be read.
        nullable: which of the fields on the way to them may be null, by trail.
    """

    def __init__(
        self, request: Request, page: PageMaker, timeline: TimelineMaker, dropped: Container[Trail] = ()
    ) -> None:
        self.request = request
        self.page = page
        self.timeline = timeline
        self.dropped = dropped
        self.binder = Binder(request.dialect, looks=True)
        self.rules = Rules(request.entities, request.access, self.binder)
        self.related = Related(request.entities, self.rules)
        self.filters = Filters(self.related, self.binder, request.zone)
        self.fills: list[Fill | Fault | Opening] = []
        self.nullable: dict[Trail, tuple[bool, ...]] = {}
        self._ones: dict[tuple[str, str], Rows] = {}

    def selected(self, type_: GraphQLObjectType, nodes: Iterable[FieldNode]) -> Selected:
        """Collect what field nodes select of a concrete type."""
        return collect(self.request.schema, type_, nodes, self.request.fragments, self.request.flags)

    def arguments(self, node: FieldNode, here: Here) -> Given:
        """Return a field's arguments.

        Raises:

            Failed: they cannot be read in this request.
        """
        site = self.request.sites.of(node)
        shape = self.request.shapes[site]
        if shape == REFUSED:
            raise unreadable(site, here)
        return Given(shape, site, here.place)

    def type_of(self, entity: Entity) -> GraphQLObjectType:
        """Return the GraphQL type of an entity."""
        found = self.request.schema.get_type(entity.type_name)
        assert isinstance(found, GraphQLObjectType)
        return found

    def record(self, entity: Entity, alias: str, nodes: Iterable[FieldNode], here: Here) -> Obj:
        """Compile what is selected of a record."""
        type_ = self.type_of(entity)

        def member(name: str, key: str, nodes: list[FieldNode]) -> Node:
            field = type_.fields[name]
            if here.past:
                _check_own(entity, backing(field))
            return self._field(entity, field, alias, nodes, here.below(key, nodes[0]))

        def place(key: str) -> Place:
            return here.below(key, self.selected(type_, nodes)[key][0]).place

        return self._opened(entity, alias, self.structure(type_, nodes, here, member), here, place)

    def structure(
        self,
        type_: GraphQLObjectType,
        nodes: Iterable[FieldNode],
        here: Here,
        member: Callable[[str, str, list[FieldNode]], Node],
    ) -> Obj:
        """Compile what is selected of an object; `member` is called with field name, response key and nodes.

        A field that cannot be read is null in it, and a `Fault` among the fills.
        """
        members: list[tuple[str, Node]] = []
        for key, merged in self.selected(type_, nodes).items():
            name = merged[0].name.value
            if name == "__typename":
                members.append((key, Literal(type_.name)))
                continue
            made = self.attempt(type_.fields[name], here.below(key, merged[0]), partial(member, name, key, merged))
            members.append((key, made or _NULL))
        return Obj(tuple(members))

    def attempt(self, field: GraphQLField, here: Here, make: Callable[[], Node]) -> Node | None:
        """Compile a field; None if it cannot be read, and why is among the fills then."""
        self.nullable[here.trail] = nullability(field.type)
        fills, parameters = len(self.fills), len(self.binder.parameters)
        try:
            if here.trail not in self.dropped:
                return make()
            fault = Fault(here.place, None)
        except Refusal as refusal:
            # A name of its own: Python forgets the exception's at the end of the clause.
            reason = refusal
            fault = Fault(here.place, lambda _: located(reason, here.place))
        except Failed as failure:
            fault = Fault(here.place, failure.error)
        del self.fills[fills:]
        self.binder.forget(parameters)
        self.fills.append(fault)
        return None

    def one(self, field: f.One, alias: str, nodes: list[FieldNode], here: Here) -> OneOf:
        """Compile the record a relation leads to; several selections of one relation share its rows."""
        rows = self._ones.get((alias, field.name))
        if rows is None:
            rows = self._ones[alias, field.name] = self.related.of(field, alias)
        return OneOf(rows, self.record(self.request.entities[field.target], rows.alias, nodes, here))

    def any_of(self, names: Iterable[str], entity: str, id: str, nodes: list[FieldNode], here: Here) -> AnyOf:
        """Compile the record of any of some entities that SQL for entity name and id leads to."""
        ways = []
        for name in names:
            target, alias = self.request.entities[name], self.related.alias()
            conditions = (f"{alias}.id = {id}", f"{entity} = {quote(name)}", *self.related.live(target, alias))
            before = len(self.fills)
            value = self.record(target, alias, nodes, here.as_a(name))
            if len(self.fills) > before:
                value = Obj((*value.members, (WAY, Literal(name))))
            ways.append(OneOf(Rows(target.tablename, alias, conditions), value))
        return AnyOf(tuple(ways))

    # Fields of records.

    def _field(self, entity: Entity, field: GraphQLField, alias: str, nodes: list[FieldNode], here: Here) -> Node:
        backed = backing(field)
        effect = self.rules.effect(entity, backed) if isinstance(backed, FieldBacking) else None
        if effect is not None and effect >= Effect.MASKED:
            return self._kept_back(entity, backed, field, alias, effect)
        match backed:
            case f.Scalar() | f.Expression():
                return value_node(entity, backed, alias, self.request.dialect.name)
            case f.Money(column=column, currency_column=currency):
                shown: dict[str, Node] = {
                    "amount": Minor(f"{alias}.{column}", f"{alias}.{currency}"),
                    "currency": Cell(f"{alias}.{currency}", kinds.TEXT),
                }
                return Maybe(f"{alias}.{column} is not null", self._parts(field, nodes, here, shown))
            case f.Stamp(column=column):
                sql = f"{alias}.{column}"
                return self._parts(field, nodes, here, {n: Member(sql, k) for n, k in _STAMP.items()})
            case f.Computed(requires=requires):
                self.fills.append(Fill(backed, entity, here.place))
                needed = Obj(tuple((column, needed_node(entity, alias, column)) for column in requires))
                return self._opened(entity, alias, needed, here, lambda _: here.place)
            case f.One():
                return self.one(backed, alias, nodes, here.now())
            case f.AnyOne(column=column, type_column=type_column):
                attachable = self.request.entities.attachable
                return self.any_of(attachable, f"{alias}.{type_column}", f"{alias}.{column}", nodes, here.now())
            case f.Many(target=target):
                return self.page(
                    self, self.request.entities[target], self.related.of(backed, alias), field, nodes, here
                )
            case f.Feed():
                return self.timeline(self, backed, alias, field, nodes, here)
        msg = f"{entity.type_name}.{nodes[0].name.value} has no backing the planner knows; give its root field to the executor."
        raise TypeError(msg)

    def _opened(self, entity: Entity, alias: str, value: Obj, here: Here, place: Callable[[str], Place]) -> Obj:
        """Have Python open and mask what the database gives of a record as it is stored."""
        value, opening = openable(entity, alias, value, here, place, self.request.dialect.name)
        if opening is not None:
            self.fills.append(opening)
        return value

    def _parts(self, field: GraphQLField, nodes: list[FieldNode], here: Here, shown: Mapping[str, Node]) -> Obj:
        return self.structure(object_type(field), nodes, here, lambda name, _key, _nodes: shown[name])

    def _kept_back(self, entity: Entity, backed: Any, field: GraphQLField, alias: str, effect: Effect) -> Node:
        if isinstance(backed, f.Scalar | f.Expression) and effect is Effect.MASKED:
            is_text = get_named_type(field.type) is GraphQLString
            mask = mask_of(entity, backed.column) if isinstance(backed, f.Scalar) else None
            if is_text or (backed.kind is not kinds.TEXT and keeps(mask, backed.kind)):
                return value_node(entity, backed, alias, self.request.dialect.name, masked=True)
        if not is_non_null_type(field.type):
            return _NULL
        msg = f"You may not see {entity.type_name}.{backed.name}; leave it out."
        raise Forbidden(msg)


def _check_own(entity: Entity, backed: Any) -> None:
    """Refuse what needs more than the row of a record as it was: only columns, what Python makes of them, and links are known."""
    if isinstance(backed, f.One) and backed.column is not None:
        return
    if not isinstance(backed, f.Scalar | f.Money | f.Stamp | f.Computed | f.AnyOne):
        msg = (
            f"{entity.type_name}.{backed.name} is not known of the past: with asOf a record has its own fields, and the "
            "records it was linked to as they are now. Ask for this without asOf."
        )
        raise Invalid.at("asOf", "NOT_OF_THE_PAST", msg)
