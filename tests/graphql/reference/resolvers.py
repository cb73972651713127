"""Plain resolvers over rows in memory, run by graphql-core's executor."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from graphql import (
    DocumentNode,
    ExecutionResult,
    GraphQLError,
    GraphQLResolveInfo,
    GraphQLSchema,
    GraphQLString,
    build_schema,
    execute_sync,
    get_named_type,
    is_non_null_type,
    print_schema,
)

from crmcore.access.actor import Actor, Effect
from crmcore.entities import fields as f
from crmcore.entities.registry import Entities
from crmcore.graphql.planner.backed import backing
from crmcore.graphql.roots.backing import ListOf, NodeById, NodesByIds, OneById
from tests.graphql.reference.data import Row
from tests.graphql.reference.figures import figure
from tests.graphql.reference.filters import meets
from tests.graphql.reference.orders import TIMELINE, Orders, Steps
from tests.graphql.reference.problems import LARGEST_PAGE, page_problems, problems, well_formed
from tests.graphql.reference.rules import Record, Sight, masked
from tests.graphql.reference.timelines import Entry, entries, key
from tests.graphql.reference.values import money, shown, wire

__all__ = ["Reference", "Refused"]


class Refused(GraphQLError):
    """A field cannot be read, for one of some reasons."""

    def __init__(self, *codes: str) -> None:
        super().__init__("refused", extensions={"codes": sorted(codes)})


@dataclass(frozen=True)
class _Page:
    """A part of a list."""

    entity: str
    records: list[Record]
    every: list[Record]
    more: bool
    less: bool
    steps: Steps


@dataclass(frozen=True)
class _Figures:
    """All records of a list."""

    entity: str
    records: list[Record]


class Reference:
    """Answers operations over data.

    Args:

        schema: whose fields say what backs them.
        entities: all entities.
        data: rows by entity; those it does not have are never asked for.
        orders: what is known of cursors.
    """

    def __init__(
        self, schema: GraphQLSchema, entities: Entities, data: Mapping[str, list[Row]], orders: Orders
    ) -> None:
        self._backed = schema
        self._entities, self._data, self._orders = entities, data, orders
        self.schema = build_schema(print_schema(schema))
        for type_ in self.schema.type_map.values():
            if hasattr(type_, "resolve_type"):
                type_.resolve_type = lambda record, *_: entities[record.entity].type_name
        self._sight = Sight(entities, data, Actor.system())
        self._sources = {said.kind: (name, said) for name in entities for said in entities[name].timeline}

    def ask(self, document: DocumentNode, variables: Mapping[str, Any], actor: Actor) -> ExecutionResult:
        """Answer a valid operation."""
        self._sight = Sight(self._entities, self._data, actor)
        return execute_sync(self.schema, document, variable_values=dict(variables), field_resolver=self._resolve)

    def _resolve(self, source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        if isinstance(source, _Page):
            return self._of_page(source, info.field_name)
        if isinstance(source, dict):
            return source.get(info.field_name)
        if isinstance(source, _Figures):
            return self._figure(source, backing(self._backed.type_map[info.parent_type.name].fields[info.field_name]))
        field = self._backed.type_map[info.parent_type.name].fields[info.field_name]
        backed = backing(field)
        if source is None:
            return self._root(backed, arguments)
        effect = self._sight.effect(source.entity, backed)
        if effect is not None and effect >= Effect.MASKED:
            return self._kept_back(source, backed, field, effect)
        return self._field(source, backed, arguments)

    # Roots.

    def _root(self, backed: Any, arguments: Mapping[str, Any]) -> Any:
        match backed:
            case OneById(entity):
                return self._by_id(arguments["id"], entity.name)
            case NodeById():
                return self._by_id(arguments["id"], None)
            case NodesByIds():
                if len(arguments["ids"]) > LARGEST_PAGE:
                    raise Refused("VALIDATION")
                for text in arguments["ids"]:
                    self._known(text, None)
                return [self._by_id(text, None) for text in arguments["ids"]]
            case ListOf(entity):
                mode = arguments.get("deleted") or "EXCLUDE"
                found = [Record(entity.name, row) for row in self._data[entity.name]]
                kept = [r for r in found if mode == "INCLUDE" or (r.row["deleted_at"] is None) is (mode == "EXCLUDE")]
                return self._page(entity.name, [r for r in kept if self._sight.readable(r.entity, r.row)], arguments)
        raise AssertionError(backed)

    def _known(self, text: str, target: str | None) -> None:
        if not well_formed(text, target) or text.rpartition("_")[0] not in self._entities:
            raise Refused("VALIDATION")

    def _by_id(self, text: str, target: str | None) -> Record | None:
        self._known(text, target)
        entity, _, value = text.rpartition("_")
        return self._live(entity, UUID(value))

    def _live(self, entity: str, id: UUID) -> Record | None:
        return next((r for r in self._sight.live(entity) if r.row["id"] == id), None)

    # Fields of records.

    def _field(self, record: Record, backed: Any, arguments: Mapping[str, Any]) -> Any:
        row = record.row
        match backed:
            case f.Scalar():
                return shown(backed, row)
            case f.Money(column=column, currency_column=code):
                return None if row[column] is None else {"amount": money(row[column], row[code]), "currency": row[code]}
            case f.Stamp(column=column):
                return {"type": row[column]["type"], "actorId": row[column]["id"], "label": row[column]["label"]}
            case f.Expression():
                return len(row["name"])
            case f.Computed():
                return f"Dear {row['name']}, {row['seen_at'].year if row['seen_at'] else 'hello'}"
            case f.AnyOne(column=column, type_column=kind):
                return None if row[column] is None else self._live(row[kind], row[column])
            case f.One():
                return next(iter(self._follow(record, backed)), None)
            case f.Many(target=target):
                return self._page(target, self._follow(record, backed), arguments)
            case f.Feed():
                return self._timeline(entries(self._sight, backed, record, arguments), arguments)
        raise AssertionError(backed)

    def _figure(self, source: _Figures, asked: Any) -> Any:
        if asked.field is not None and not self._sight.open(source.entity, asked.field):
            raise Refused("FORBIDDEN")
        return figure(asked, [record.row for record in source.records])

    @staticmethod
    def _kept_back(record: Record, backed: Any, field: Any, effect: Effect) -> Any:
        if isinstance(backed, f.Scalar) and get_named_type(field.type) is GraphQLString and effect is Effect.MASKED:
            return masked(record.row[backed.column])
        if is_non_null_type(field.type):
            raise Refused("FORBIDDEN")
        return None

    def _follow(self, record: Record, relation: f.One | f.Many) -> list[Record]:
        column = getattr(relation, "column", None)
        if column is not None:
            return [r for r in self._sight.live(relation.target) if r.row["id"] == record.row[column]]
        return [r for r in self._sight.live(relation.target) if self._points(r, relation.name, record)]

    def _points(self, child: Record, inverse: str, parent: Record) -> bool:
        for column, said in self._entities[child.entity].facts.items():
            if said.inverse == inverse and said.target in (parent.entity, "*"):
                kind = child.row[f"{column[:-3]}_type"] if said.target == "*" else parent.entity
                return bool(child.row[column] == parent.row["id"] and kind == parent.entity)
        raise AssertionError(inverse)

    # Lists.

    def _page(self, entity: str, found: list[Record], arguments: Mapping[str, Any]) -> _Page:
        if wrong := problems(self._sight, self._orders, entity, arguments):
            raise Refused(*wrong)
        condition = arguments.get("filter") or {}
        steps = self._orders.steps(self._sight, entity, arguments.get("orderBy") or [])
        every = [r for r in found if meets(r, condition, self._entities.fields, self._follow)]
        every = self._orders.sort(self._follow, every, steps)
        return self._part(entity, every, arguments, steps, lambda a, b: self._orders.compare(self._follow, a, b, steps))

    def _timeline(self, every: list[Entry], arguments: Mapping[str, Any]) -> _Page:
        if wrong := page_problems(self._orders, TIMELINE, (), arguments):
            raise Refused(*wrong)

        def compare(left: Any, right: Any) -> int:
            a, b = key(left), key(right)
            return (a < b) - (a > b)

        return self._part(TIMELINE, list(every), arguments, (), compare)

    def _part(
        self,
        entity: str,
        every: list[Record],
        arguments: Mapping[str, Any],
        steps: Steps,
        compare: Callable[[Record, Record], int],
    ) -> _Page:
        after, before = (self._place(arguments.get(name)) for name in ("after", "before"))
        part = [
            r for r in every if (after is None or compare(after, r) < 0) and (before is None or compare(r, before) < 0)
        ]
        preceded = after is not None and any(compare(r, after) <= 0 for r in every)
        followed = before is not None and any(compare(before, r) <= 0 for r in every)
        if (last := arguments.get("last")) is not None:
            kept = part[max(0, len(part) - last) :]
            return _Page(entity, kept, every, followed, preceded or len(part) > last, steps)
        first = 20 if arguments.get("first") is None else arguments["first"]
        return _Page(entity, part[:first], every, followed or len(part) > first, preceded, steps)

    def _place(self, cursor: str | None) -> Record | None:
        if cursor is None:
            return None
        entity, _, place = self._orders.issued[cursor]
        if entity == TIMELINE:
            kind, id = place
            name, said = self._sources[kind]
            return next(Entry(name, row, kind, row[said.at]) for row in self._data[name] if row["id"] == id)
        return next(Record(entity, row) for row in self._data[entity] if row["id"] == place)

    def _of_page(self, page: _Page, name: str) -> Any:
        match name:
            case "nodes":
                return page.records
            case "edges":
                return [{"cursor": self._orders.cursor(r, page.steps), "node": r, **_about(r)} for r in page.records]
            case "totalCount":
                return len(page.every)
            case "aggregate":
                return _Figures(page.entity, page.every)
        ends = [self._orders.cursor(r, page.steps) for r in (*page.records[:1], *page.records[-1:])]
        start, end = ends or (None, None)
        return {"hasNextPage": page.more, "hasPreviousPage": page.less, "startCursor": start, "endCursor": end}


def _about(record: Record) -> dict[str, str]:
    return {"kind": record.kind, "at": wire(record.at)} if isinstance(record, Entry) else {}
