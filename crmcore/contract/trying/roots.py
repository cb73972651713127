"""Every query by which something of a plugin could be seen, with arguments."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import product
from typing import Any, NamedTuple

from graphql import (
    GraphQLArgument,
    GraphQLInputObjectType,
    GraphQLInputType,
    get_named_type,
    is_enum_type,
    is_input_object_type,
    is_list_type,
    is_non_null_type,
    is_required_argument,
    is_required_input_field,
)

from crmcore.contract.subject import Subject
from crmcore.contract.trying.records import Marked
from crmcore.contract.trying.selecting import Selecting

__all__ = ["Question", "plain", "questions"]

_MANY = 40


class Question(NamedTuple):
    """A query.

    Attributes:

        field: of `Query`.
        text: the document.
        variables: for it.
        added: whether the field is the plugin's.
    """

    field: str
    text: str
    variables: Mapping[str, Any]
    added: bool


def questions(subject: Subject, records: list[Marked], others: list[tuple[str, str]]) -> Iterator[Question]:
    """Yield them.

    Args:

        subject: the plugin.
        records: its records.
        others: entities and ids, as clients see them, of records they hang on.
    """
    selecting = Selecting(subject)
    singular = {e.singular: e.name for e in subject.crm.entities.values()}
    query = selecting.schema.query_type
    assert query is not None
    for name, field in query.fields.items():
        kind = get_named_type(field.type)
        selected = selecting.of(kind)
        added = selecting.adds(query, name)
        if not added and (selected is None or not selected.news):
            continue
        known = [*others, *((record.entity, record.shown_id) for record in records)]
        wanted = [id for entity, id in known if singular.get(name, entity) == entity]
        needed = {n: a for n, a in field.args.items() if is_required_argument(a)}
        choices = [list(_values(a, wanted, records)) for a in needed.values()]
        below = f" {{ {selected.text} }}" if selected else ""
        for values in list(product(*choices))[:_MANY]:
            yield Question(name, _text(name, needed, below), dict(zip(needed, values, strict=True)), added)


def _text(name: str, needed: Mapping[str, GraphQLArgument], below: str) -> str:
    declared = ", ".join(f"${n}: {a.type}" for n, a in needed.items())
    given = ", ".join(f"{n}: ${n}" for n in needed)
    return f"query{f'({declared})' if declared else ''} {{ {name}{f'({given})' if given else ''}{below} }}"


def _values(argument: GraphQLArgument, ids: list[str], records: list[Marked]) -> Iterator[Any]:
    named = get_named_type(argument.type)
    if named.name == "ID":
        yield from [ids] if _is_list(argument.type) else ids
    else:
        for value in plain(named, records):
            yield [value] if _is_list(argument.type) else value


def plain(kind: Any, records: list[Marked]) -> Iterator[Any]:
    """Yield values that an input type takes; none for an id."""
    if is_enum_type(kind):
        yield from _members(kind)
    elif is_input_object_type(kind):
        yield from _objects(kind, records)
    elif kind.name == "String":
        yield from (min(record.marks) for record in records if record.marks)
        yield "Zqx"
    elif kind.name in _SCALARS:
        yield _SCALARS[kind.name]


def _objects(kind: GraphQLInputObjectType, records: list[Marked]) -> Iterator[dict[str, Any]]:
    by = kind.fields.get("field")
    if by is not None and is_enum_type(get_named_type(by.type)):
        # Groups by anything else have nothing in them by which a record is recognized.
        telling = {c.upper() for record in records for c, value in record.row.items() if str(value) in record.marks}
        yield from ({"field": member} for member in _members(get_named_type(by.type)) if member in telling)
        return
    needed = {n: f for n, f in kind.fields.items() if is_required_input_field(f)}
    values = {n: next(plain(get_named_type(f.type), records), None) for n, f in needed.items()}
    yield {n: [v] if _is_list(needed[n].type) else v for n, v in values.items()}


def _members(kind: Any) -> Iterator[str]:
    yield from kind.values


def _is_list(kind: GraphQLInputType) -> bool:
    return is_list_type(kind.of_type if is_non_null_type(kind) else kind)


_SCALARS: dict[str, Any] = {
    "Int": 50,
    "Float": 1.0,
    "Boolean": True,
    "DateTime": "2026-01-01T00:00:00Z",
    "Date": "2026-01-01",
    "BigInt": "50",
    "JSON": {},
}
