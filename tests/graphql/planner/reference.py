"""The same schema answered the plain way: graphql-core's executor over resolvers that look through lists in memory."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cmp_to_key
from operator import ge, gt, le, lt
from typing import Any
from uuid import UUID

from graphql import GraphQLResolveInfo, GraphQLSchema, build_schema, graphql_sync, print_schema

from crmcore.database import ids, instants
from crmcore.database.money import Money
from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.graphql.planner.backed import backing
from crmcore.graphql.roots.backing import ListOf, NodeById, NodesByIds, OneById
from tests.graphql.planner.world import ENTITIES, Row, rows, schema


@dataclass
class Record:
    """A row, and whose it is."""

    entity: str
    row: Row


@dataclass
class Entry(Record):
    """A row in a timeline."""

    kind: str
    at: datetime


@dataclass
class Page:
    """A part of a list."""

    records: list[Record]
    everything: list[Record]
    more: bool
    less: bool


class Reference:
    """Answers operations over the data of the small CRM."""

    def __init__(self, data: Mapping[str, list[Row]] | None = None) -> None:
        self.data = data or rows()
        self.schema: GraphQLSchema = build_schema(print_schema(schema().graphql))
        for type_ in self.schema.type_map.values():
            if hasattr(type_, "resolve_type"):
                type_.resolve_type = lambda record, *_: ENTITIES[record.entity].type_name

    def ask(self, text: str, variables: dict[str, Any] | None = None) -> Any:
        """Return the data of an answer without errors."""
        result = graphql_sync(self.schema, text, variable_values=variables, field_resolver=self._resolve)
        assert result.errors is None, result.errors
        return result.data

    def _resolve(self, source: Any, info: GraphQLResolveInfo, **arguments: Any) -> Any:
        name = info.field_name
        if isinstance(source, Page):
            return _of_page(source, name)
        if isinstance(source, dict):
            return source.get(name)
        backed = backing(schema().graphql.type_map[info.parent_type.name].fields[name])
        if source is None:
            return self._root(backed, arguments)
        assert isinstance(source, Record)
        return self._field(source, backed, arguments)

    def _root(self, backed: Any, arguments: Mapping[str, Any]) -> Any:
        match backed:
            case OneById():
                return self._by_id(arguments["id"])
            case NodeById():
                return self._by_id(arguments["id"])
            case NodesByIds():
                return [self._by_id(id) for id in arguments["ids"]]
            case ListOf(entity):
                mode = arguments.get("deleted") or "EXCLUDE"
                found = [Record(entity.name, row) for row in self.data[entity.name]]
                kept = [r for r in found if mode == "INCLUDE" or (r.row["deleted_at"] is None) is (mode == "EXCLUDE")]
                return self._page(kept, arguments)
        raise AssertionError(backed)

    def _by_id(self, text: str) -> Record | None:
        entity, value = ids.split(text)
        return self._live(entity, lambda row: row["id"] == value)

    def _live(self, entity: str, test: Any) -> Record | None:
        return next((Record(entity, r) for r in self.data[entity] if r["deleted_at"] is None and test(r)), None)

    def _field(self, record: Record, backed: Any, arguments: Mapping[str, Any]) -> Any:
        row = record.row
        match backed:
            case f.Scalar():
                return scalar(backed, row)
            case f.Money(column=column, currency_column=currency):
                return (
                    None
                    if row[column] is None
                    else {"amount": Money(row[column], row[currency]).amount, "currency": row[currency]}
                )
            case f.Stamp(column=column):
                stamp = row[column]
                return {"type": stamp["type"], "actorId": stamp["id"], "label": stamp["label"]}
            case f.Expression():
                return len(row["name"])
            case f.Computed():
                return f"Dear {row['name']}, {row['seen_at'].year if row['seen_at'] else 'hello'}"
            case f.AnyOne(column=column, type_column=kind):
                return None if row[column] is None else self._live(row[kind], lambda r: r["id"] == row[column])
            case f.One():
                return self.related(record, backed)[0] if self.related(record, backed) else None
            case f.Many():
                return self._page(self.related(record, backed), arguments)
            case f.Feed():
                return self._timeline(record, backed, arguments)
        raise AssertionError(backed)

    def related(self, record: Record, relation: f.One | f.Many) -> list[Record]:
        """Return the live records a relation leads to."""
        column = getattr(relation, "column", None)
        found = []
        for row in self.data[relation.target]:
            if row["deleted_at"] is None and (
                row["id"] == record.row[column] if column else self._points(relation, row, record)
            ):
                found.append(Record(relation.target, row))
        return found

    def _points(self, relation: f.One | f.Many, row: Row, record: Record) -> bool:
        for column, said in ENTITIES[relation.target].facts.items():
            if said.inverse == relation.name and said.target in (record.entity, "*"):
                kind = row[f"{column[:-3]}_type"] if said.target == "*" else record.entity
                return bool(row[column] == record.row["id"] and kind == record.entity)
        raise AssertionError(relation)

    def _timeline(self, record: Record, feed: f.Feed, arguments: Mapping[str, Any]) -> Page:
        kinds, since, until = (arguments.get(name) for name in ("kinds", "since", "until"))
        found = [
            Entry(name, row, said.kind, row[said.at])
            for name, said in feed.sources
            for row in self.data[name]
            if row["deleted_at"] is None and row[said.at] is not None and self._belongs(row, said.path, record)
        ]
        kept = [
            entry
            for entry in found
            if (kinds is None or entry.kind in kinds)
            and (since is None or entry.at >= instants.parse(since))
            and (until is None or entry.at < instants.parse(until))
        ]
        kept.sort(key=lambda entry: (entry.at, entry.row["id"].bytes, entry.kind), reverse=True)
        return self._part(kept, arguments)

    def _belongs(self, row: Row, path: tuple[tuple[str, str], ...], record: Record) -> bool:
        for column, name in path[:-1]:
            found = self._live(name, lambda r, link=row[column]: r["id"] == link)
            if found is None or row.get(f"{column[:-3]}_type", name) != name:
                return False
            row = found.row
        column, name = path[-1]
        return bool(row[column] == record.row["id"] and row.get(f"{column[:-3]}_type", name) == name)

    # Lists.

    def _page(self, found: list[Record], arguments: Mapping[str, Any]) -> Page:
        found = [r for r in found if self.meets(r, arguments.get("filter") or {})]
        return self._part(ordered(found, arguments.get("orderBy") or []), arguments)

    def _part(self, found: list[Record], arguments: Mapping[str, Any]) -> Page:
        after, before = arguments.get("after"), arguments.get("before")
        start = next((i + 1 for i, r in enumerate(found) if cursor(r) == after), 0) if after else 0
        end = next((i for i, r in enumerate(found) if cursor(r) == before), len(found)) if before else len(found)
        part = found[start:end]
        if arguments.get("last") is not None:
            kept = part[max(0, len(part) - arguments["last"]) :]
            return Page(kept, found, end < len(found), len(kept) < len(part) or start > 0)
        first = 20 if arguments.get("first") is None else arguments["first"]
        return Page(part[:first], found, len(part) > first or end < len(found), start > 0)

    def meets(self, record: Record, condition: Mapping[str, Any]) -> bool:
        """Say whether a record meets a filter."""
        return all(self._meets(record, name, part) for name, part in condition.items() if part is not None)

    def _meets(self, record: Record, name: str, part: Any) -> bool:
        if name in ("and", "or"):
            parts = part if isinstance(part, list) else [part]
            return (all if name == "and" else any)(self.meets(record, p) for p in parts)
        if name == "not":
            return not self.meets(record, part)
        field = ENTITIES.fields(record.entity)[name]
        match field:
            case f.One():
                return any(self.meets(r, part) for r in self.related(record, field))
            case f.Many():
                found = self.related(record, field)
                return all(self._quantified(found, q, p) for q, p in part.items() if p is not None)
            case f.Money(column=column, currency_column=currency):
                amount, code = record.row[column], record.row[currency]
                unit = (part.get("currency") or {}).get("eq")
                sums = {
                    op: [Money.of(x, unit).minor for x in v]
                    if isinstance(v, list)
                    else v
                    if isinstance(v, bool)
                    else Money.of(v, unit).minor
                    for op, v in (part.get("amount") or {}).items()
                }
                return _operators(amount, sums) and _operators(code, part.get("currency") or {})
            case f.Scalar(kind=kind, column=column):
                return _operators(_comparable(field, record.row), {op: _operand(kind, v) for op, v in part.items()})
            case f.Expression():
                return _operators(len(record.row["name"]), part)
        raise AssertionError(name)

    def _quantified(self, found: Iterable[Record], quantifier: str, part: Mapping[str, Any]) -> bool:
        met = [self.meets(r, part) for r in found]
        return {"some": any(met), "none": not any(met), "every": all(met)}[quantifier]


def scalar(field: f.Scalar, row: Row) -> Any:
    """Return a value as the answer shows it."""
    value = row[field.column]
    if value is None:
        return None
    match value:
        case UUID():
            return ids.encode(row[field.type_column] if field.type_column else str(field.target), value)
        case datetime():
            return instants.wire(value)
        case date():
            return value.isoformat()
    return str(value) if field.kind is kinds.BIGINT else value


def cursor(record: Record) -> str:
    """Stand for a cursor; the planner's differ, and say more."""
    return str(record.row["id"])


def _of_page(page: Page, name: str) -> Any:
    match name:
        case "nodes":
            return page.records
        case "edges":
            return [{"cursor": cursor(r), "node": r, **_what(r)} for r in page.records]
        case "totalCount":
            return len(page.everything)
    ends = [cursor(r) for r in page.records]
    start, end = (ends[0], ends[-1]) if ends else (None, None)
    return {"hasNextPage": page.more, "hasPreviousPage": page.less, "startCursor": start, "endCursor": end}


def _what(record: Record) -> dict[str, Any]:
    return {"kind": record.kind, "at": instants.wire(record.at)} if isinstance(record, Entry) else {}


def _comparable(field: f.Scalar, row: Row) -> Any:
    value = row[field.column]
    return scalar(field, row) if isinstance(value, UUID) else value


def _operand(kind: kinds.Kind, value: Any) -> Any:
    if isinstance(value, list):
        return [_operand(kind, v) for v in value]
    if isinstance(value, bool) or value is None:
        return value
    read = {kinds.INSTANT: instants.parse, kinds.DATE: date.fromisoformat, kinds.BIGINT: int}.get(kind)
    return read(value) if read else value


def _operators(value: Any, operators: Mapping[str, Any]) -> bool:
    return all(
        _holds(value, op, operand) for op, operand in operators.items() if not (op == "isNull" and operand is None)
    )


_ALWAYS: dict[str, Callable[[Any, Any], Any]] = {
    "isNull": lambda value, operand: (value is None) is operand,
    "eq": lambda value, operand: value == operand,
    "ne": lambda value, operand: value != operand,
    "in": lambda value, operand: value in operand and value is not None,
    "notIn": lambda value, operand: value not in operand or value is None,
}
_OF_TEXTS: dict[str, Callable[[str, str], bool]] = {
    "contains": lambda value, operand: operand in value,
    "startsWith": str.startswith,
    "endsWith": str.endswith,
}
_COMPARING: dict[str, Callable[[Any, Any], Any]] = {"gt": gt, "gte": ge, "lt": lt, "lte": le}


def _holds(value: Any, operator: str, operand: Any) -> bool:
    if operator in _ALWAYS:
        return bool(_ALWAYS[operator](value, operand))
    if value is None:
        return False
    if operator in _OF_TEXTS:
        return _OF_TEXTS[operator](value.casefold(), operand.casefold())
    if isinstance(value, str):
        value, operand = value.encode(), operand.encode()
    return bool(_COMPARING[operator](value, operand))


def ordered(found: list[Record], keys: Any) -> list[Record]:
    """Sort records by an `orderBy`."""
    keys = keys if isinstance(keys, list) else [keys]
    if not found:
        return found
    steps: list[tuple[f.Field | None, bool, bool]] = []
    for position, key in enumerate(keys):
        if any(key["field"] == earlier["field"] for earlier in keys[:position]):
            continue
        descending = key.get("direction", "ASC") == "DESC"
        nulls = key.get("nulls") or ("FIRST" if descending else "LAST")
        steps.append((_order_field(found, key["field"]), descending, nulls == "FIRST"))
    steps.append((None, steps[-1][1] if steps else True, False))

    def compare(left: Record, right: Record) -> int:
        for field, descending, nulls_first in steps:
            a, b = _key(left, field), _key(right, field)
            if a == b:
                continue
            if a is None or b is None:
                return -1 if (a is None) is nulls_first else 1
            return (-1 if a < b else 1) * (-1 if descending else 1)
        return 0

    return sorted(found, key=cmp_to_key(compare))


def _order_field(found: list[Record], member: str) -> f.Field:
    fields = ENTITIES.fields(found[0].entity)
    return next(field for name, field in fields.items() if _upper(name) == member)


def _upper(name: str) -> str:
    return "".join(f"_{c}" if c.isupper() else c.upper() for c in name)


def _key(record: Record, field: f.Field | None) -> Any:
    if field is None:
        return record.row["id"].bytes
    if isinstance(field, f.Expression):
        return len(record.row["name"])
    value = record.row[field.column]  # type: ignore[union-attr]
    if isinstance(value, UUID):
        return value.bytes
    return value.encode() if isinstance(value, str) else value


def without_cursors(value: Any, key: str = "") -> Any:
    """Replace cursors by the id in them, which is what the reference has for one."""
    if isinstance(value, dict):
        return {k: without_cursors(v, k) for k, v in value.items()}
    if isinstance(value, list):
        return [without_cursors(v, key) for v in value]
    if isinstance(value, str) and key.lower().endswith("cursor"):
        keys = json.loads(bytes.fromhex(value))
        return keys[2] if keys[0] == "timeline" else keys[-1]
    return value
