"""What clients give to create and update records, and how it becomes column values."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from enum import Enum
from functools import lru_cache
from typing import Any

from strawberry.types.field import StrawberryField

from crmcore.database import ids
from crmcore.database.money import Money as Amount
from crmcore.entities import fields as f
from crmcore.entities.columns import Facts, Write
from crmcore.entities.entity import Entity, Key
from crmcore.entities.kinds import ID
from crmcore.entities.store import Row
from crmcore.errors import Invalid, Violation
from crmcore.graphql.types.entities import Types
from crmcore.graphql.types.enums import made_enum
from crmcore.graphql.types.forge import field, optional
from crmcore.graphql.types.python_types import python_type
from crmcore.graphql.types.scalars import Currency

__all__ = ["create_input", "key_enum", "money_input", "read_id", "read_money", "row_reader", "update_input", "writable"]

_Written = f.Scalar | f.Money

#: So many sets of given fields are known of an entity.
_SHAPES = 256


def writable(entity: Entity, *writes: Write) -> list[_Written]:
    """Return the fields clients may give, those of the entity's own table only, in declared order."""
    return [x for x in entity.own_fields if isinstance(x, _Written) and x.facts.write in writes]


def create_input(types: Types, entity: Entity) -> Any:
    """Return the input with which a record is created: what is neither null nor has a default is required."""

    def fields() -> Iterable[StrawberryField]:
        for given in writable(entity, Write.ALWAYS, Write.CREATE):
            said = given.facts
            required = not said.null and said.default is ... and given.name != "id"
            yield _input_field(types, given, said, required=required)

    return types.forge.input(f"Create{entity.type_name}Input", f"A new {_words(entity)}.", fields)


def update_input(types: Types, entity: Entity) -> Any:
    """Return the input with which a record is changed: what is absent stays, null empties."""

    def fields() -> Iterable[StrawberryField]:
        for given in writable(entity, Write.ALWAYS):
            yield _input_field(types, given, given.facts, required=False)

    description = f"What changes of a {_words(entity)}: what is absent stays, null empties."
    return types.forge.input(f"Update{entity.type_name}Input", description, fields)


def key_enum(types: Types, entity: Entity) -> type[Enum]:
    """Return the enum of the unique keys a client may upsert on."""

    def sentence(key: Key) -> str:
        return f"The {_words(entity)} with the same {' and '.join(key.columns).replace('_', ' ')}."

    members = {key.name: (key.name, sentence(key)) for key in entity.keys}
    name, description = f"{entity.type_name}Key", f"By what an existing {_words(entity)} is recognised."
    made: type[Enum] = types.forge.once(name, lambda: made_enum(name, description, members))
    return made


def money_input(types: Types) -> Any:
    """Return the input for an amount of money."""

    def fields() -> Iterable[StrawberryField]:
        yield field("amount", Decimal, 'The amount, with no more digits than the currency has: `"1234.50"`.')
        yield field("currency", Currency, "The currency.")

    return types.forge.input("MoneyInput", "An exact amount of one currency.", fields)


def _input_field(types: Types, given: _Written, said: Facts, *, required: bool) -> StrawberryField:
    type_ = money_input(types) if isinstance(given, f.Money) else python_type(given.kind, said)
    description = given.description
    if isinstance(said.default, str | int | float) and said.default != "":
        description += f" Default: `{str(said.default).lower() if isinstance(said.default, bool) else said.default}`."
    if said.registry is not None:
        known = types.registries.keys(said.registry)
        description += f" One of {', '.join(f'`{key}`' for key in known)}." if known else ""
    return field(given.name, type_ if required else optional(type_), description)


def _words(entity: Entity) -> str:
    return entity.name.replace("_", " ")


def row_reader(entity: Entity) -> Callable[[Mapping[str, Any], str], Row]:
    """Return what turns a create or update input of an entity into values by column.

    It takes coerced values by GraphQL name, absent fields being no keys, and where the input stood, for violations (`data`,
    `data.3`). It raises `Invalid` for an id of another entity, an amount with too many digits, ...: for all of them.
    """
    fields = {known.name: known for known in writable(entity, Write.ALWAYS, Write.CREATE)}
    # Most are one column as it is, which needs no reading.
    plain = {name for name, x in fields.items() if isinstance(x, f.Scalar) and x.kind is not ID}
    chosen = {known.column for known in fields.values() if known.facts.choices is not None}
    links = {
        name: x for name, x in fields.items() if isinstance(x, f.Scalar) and x.kind is ID and x.type_column is None
    }

    @lru_cache(_SHAPES)
    def shape(given: tuple[str, ...]) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
        """Return the columns of some fields, those of them that have choices, and the fields that are more than a column."""
        columns = tuple(fields[name].column for name in given)
        others = tuple(name for name in given if name not in plain)
        return columns, tuple(column for column in columns if column in chosen), others

    def read(given: Mapping[str, Any], path: str) -> Row:
        columns, choices, others = shape(tuple(given))
        row: Row = dict(zip(columns, given.values(), strict=True))
        for column in choices:
            if isinstance(value := row[column], Enum):
                row[column] = value.name
        violations: list[Violation] = []
        for name in others:
            value, prefix = given[name], f"{path}." if path else ""
            try:
                if (link := links.get(name)) is None:
                    row.update(_columns(fields[name], value, prefix + name))
                else:
                    row[link.column] = None if value is None else read_id(value, link.target, prefix + name)
            except Invalid as problem:
                violations.extend(problem.violations)
        if violations:
            raise Invalid.of(violations)
        return row

    return read


def _columns(known: _Written, value: Any, path: str) -> Row:
    if isinstance(known, f.Money):
        amount = None if value is None else read_money(value, path)
        return {known.column: amount and amount.minor, known.currency_column: amount and amount.currency}
    assert known.type_column is not None, "whatever else there is, is read without"
    if value is None:
        return {known.column: None, known.type_column: None}
    try:
        entity, id = ids.split(value)
    except Invalid as problem:
        raise _at(problem, path) from None
    return {known.column: id, known.type_column: entity}


def read_id(text: str, entity: str | None, path: str) -> Any:
    """Read a client's id of a record of `entity`.

    Raises:

        Invalid: it is not an id, or one of another entity; at `path`.
    """
    try:
        return ids.parse(text, entity) if entity else ids.split(text)[1]
    except Invalid as problem:
        raise _at(problem, path) from None


def read_money(given: Mapping[str, Any], path: str) -> Amount:
    """Read a money input.

    Raises:

        Invalid: more digits than the currency has, or more than 64 bits hold; at `path`.
    """
    try:
        return Amount.of(given["amount"], given["currency"])
    except ValueError as problem:
        where = f"{path}.amount"
        raise Invalid.at(where, "NOT_AN_AMOUNT", str(problem)) from None


def _at(problem: Invalid, path: str) -> Invalid:
    return Invalid.at(path, problem.violations[0].code, problem.message)
