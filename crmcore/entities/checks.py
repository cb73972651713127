"""Are the given values such as their columns' declarations allow?"""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from crmcore.access.actor import Actor, ActorType, Effect
from crmcore.database.money import CURRENCIES
from crmcore.entities import forms
from crmcore.entities.change import Change
from crmcore.entities.columns import Facts, Write
from crmcore.entities.entity import Entity, camel
from crmcore.entities.kinds import BIGINT, BOOL, DATE, ENUM, FLOAT, ID, INSTANT, INT, JSON, TEXT, Kind
from crmcore.entities.registries import Registries, Usual
from crmcore.entities.sealing import MARK, is_sealed

__all__ = ["check_values", "is_trusted", "supply_defaults"]

_TYPES: Mapping[str, tuple[type, ...]] = {
    TEXT.name: (str,),
    ENUM.name: (str,),
    INT.name: (int,),
    BIGINT.name: (int,),
    FLOAT.name: (int, float),
    BOOL.name: (bool,),
    INSTANT.name: (datetime,),
    DATE.name: (date,),
    ID.name: (UUID,),
}
#: The type a value almost always has; it need not be asked about further.
_EXACT: Mapping[str, type] = {kind: types[0] for kind, types in _TYPES.items() if len(types) == 1}
_WHOLE: Mapping[str, int] = {INT.name: 2**31 - 1, BIGINT.name: 2**63 - 1}
_JSON_LARGEST = 64 * 1024


def is_trusted(actor: Actor) -> bool:
    """Say whether the actor may give what is the server's to keep: imports and the system know the past."""
    return actor.type in (ActorType.IMPORT, ActorType.SYSTEM)


def supply_defaults(change: Change) -> None:
    """Give every column that was not named its declared default, or null where that is allowed."""
    change.values = {**change.entity.defaults, **change.values}


def check_values(change: Change, actor: Actor, registries: Registries) -> None:
    """Clean the given values and note everything that is wrong with them."""
    usual = _usual_of(change.entity, registries)[is_trusted(actor)] if not actor.access.effects else {}
    for column, value in list(change.values.items()):
        if (is_usual := usual.get(column)) is None or not is_usual(value):
            _check_value(change, column, value, actor, registries)
    if change.entity.money:
        _check_money(change)
    if change.kind == "create":
        _check_required(change)
    for column in change.entity.sealed and change.entity.sealed & change.values.keys():
        if is_sealed(change.values[column]):
            change.refuse(
                column, "MALFORMED", f"{camel(column)} begins as sealed values do ({MARK}); write it otherwise."
            )


def _check_value(change: Change, column: str, value: Any, actor: Actor, registries: Registries) -> None:
    said = change.entity.facts.get(column)
    if said is None:
        change.refuse(column, "UNKNOWN_FIELD", f"{change.entity.type_name} has no field {camel(column)}.")
        del change.values[column]
    elif not _allowed(change, column, said, actor):
        del change.values[column]
    elif type(value) is _EXACT.get(said.kind.name) or _is_something(change, column, said):
        _CHECKS.get(said.kind.name, _nothing)(change, column, said, registries)


def _usual_of(entity: Entity, registries: Registries) -> Usual:
    """Return what says of a column's value that it may stay as it is, as almost every one may; see `Usual`."""
    known = registries.usual.get(entity.table)
    if known is None:
        every = {name: _usual(said, registries) for name, said in entity.facts.items()}
        anybodys = {name: usual for name, usual in every.items() if entity.facts[name].write is Write.ALWAYS}
        known = registries.usual[entity.table] = anybodys, every
    return known


def _usual(said: Facts, registries: Registries) -> Callable[[Any], bool]:
    if said.kind is TEXT and said.registry in registries.names:
        members = registries.members(said.registry)
        return lambda value: type(value) is str and value in members
    if said.kind is TEXT and said.registry is None and said.form in (None, "line", "text"):
        return forms.plain(said.form or "line", said.max_length)
    if said.kind is ENUM and said.choices is not None:
        names = frozenset(said.choices.__members__)
        return lambda value: type(value) is str and value in names
    if said.kind is INSTANT:
        return lambda value: type(value) is datetime and value.tzinfo is not None
    if said.kind is ID:
        return lambda value: isinstance(value, UUID)
    return lambda _: False


def _allowed(change: Change, column: str, said: Facts, actor: Actor) -> bool:
    if not actor.access.effects and (said.write is Write.ALWAYS or is_trusted(actor)):
        return True
    name = camel(column)
    if column not in change.given or _belongs_to_given_link(change, column):
        return True
    if actor.access.effect(change.entity.name, name) is not None:
        effect = Effect(actor.access.effect(change.entity.name, name) or 0).name.lower().replace("_", "-")
        change.refuse(
            column, "FIELD_FORBIDDEN", f"Your role makes {change.entity.type_name}.{name} {effect}; leave it out."
        )
        return False
    late = said.write is Write.CREATE and change.kind != "create" and change.values[column] != change.was(column)
    if (said.write is Write.NEVER or late) and not is_trusted(actor):
        how = "is kept by the server" if said.write is Write.NEVER else "cannot change after create"
        change.refuse(column, "READ_ONLY", f"{change.entity.type_name}.{name} {how}; leave it out.")
        return False
    return True


def _belongs_to_given_link(change: Change, column: str) -> bool:
    """Say whether a column is the `subject_type` of a given `subject_id`: the id's prefix says it, not the client."""
    link = f"{column.removesuffix('_type')}_id"
    return column.endswith("_type") and link in change.given and change.entity.facts[link].target == "*"


def _is_something(change: Change, column: str, said: Facts) -> bool:
    """Say whether a value that is not of the usual type is there, and of a type that will do."""
    value = change.values[column]
    if value is None:
        if not said.null:
            change.refuse(column, "REQUIRED", f"{camel(column)} cannot be empty.")
        return False
    if said.kind is not JSON and not _fits(value, said.kind):
        change.refuse(column, "WRONG_TYPE", f"{camel(column)} must be a {said.kind.name}, not {type(value).__name__}.")
        return False
    return True


def _fits(value: Any, kind: Kind) -> bool:
    if isinstance(value, bool):
        return kind is BOOL
    if isinstance(value, datetime):
        return kind is INSTANT
    return isinstance(value, _TYPES[kind.name])


def _check_text(change: Change, column: str, said: Facts, registries: Registries) -> None:
    name = camel(column)
    try:
        value = forms.clean(said.form or "line", change.values[column])
    except ValueError as problem:
        change.refuse(column, "MALFORMED", f"{name}: {problem}")
        return
    if said.max_length is not None and len(value) > said.max_length:
        change.refuse(column, "TOO_LONG", f"{name} has {len(value)} characters; at most {said.max_length} fit.")
    elif not value and not said.null and said.default is ...:
        change.refuse(column, "REQUIRED", f"{name} cannot be empty.")
    elif said.registry is not None and value not in (known := registries.keys(said.registry)):
        change.refuse(
            column, "UNKNOWN_VALUE", f"{name} {value!r} is not registered; known are {', '.join(sorted(known))}."
        )
    change.values[column] = value


def _check_choice(change: Change, column: str, said: Facts, _registries: Registries) -> None:
    assert said.choices is not None
    if change.values[column] not in said.choices.__members__:
        known = ", ".join(said.choices.__members__)
        change.refuse(column, "UNKNOWN_VALUE", f"{camel(column)} must be one of {known}.")


def _check_instant(change: Change, column: str, _said: Facts, _registries: Registries) -> None:
    if change.values[column].tzinfo is None:
        change.refuse(column, "NO_TIME_ZONE", f"{camel(column)} needs a time zone, for example 2026-01-31T09:30:00Z.")


def _check_number(change: Change, column: str, said: Facts, _registries: Registries) -> None:
    value, name = change.values[column], camel(column)
    largest = _WHOLE.get(said.kind.name)
    if said.kind is FLOAT and not math.isfinite(value):
        change.refuse(column, "NOT_FINITE", f"{name} must be a finite number.")
    elif said.minimum is not None and value < said.minimum:
        change.refuse(column, "TOO_SMALL", f"{name} must be at least {said.minimum}.")
    elif said.maximum is not None and value > said.maximum:
        change.refuse(column, "TOO_LARGE", f"{name} must be at most {said.maximum}.")
    elif largest is not None and abs(value) > largest:
        change.refuse(column, "TOO_LARGE", f"{name} does not fit; at most {largest}.")


def _check_json(change: Change, column: str, _said: Facts, _registries: Registries) -> None:
    try:
        text = json.dumps(change.values[column], ensure_ascii=False, allow_nan=False)
        text.encode()
    except (TypeError, ValueError, RecursionError) as problem:
        change.refuse(column, "MALFORMED", f"{camel(column)} is not JSON: {problem}.")
        return
    if len(text) > _JSON_LARGEST:
        change.refuse(column, "TOO_LONG", f"{camel(column)} is larger than {_JSON_LARGEST // 1024} KiB of JSON.")
    elif "\\u0000" in text:
        change.refuse(column, "MALFORMED", f"{camel(column)} contains U+0000, which PostgreSQL cannot store.")


def _nothing(_change: Change, _column: str, _said: Facts, _registries: Registries) -> None:
    """The type says it all."""


#: By kind: what is looked at when the type is right.
_CHECKS: Mapping[str, Callable[[Change, str, Facts, Registries], None]] = {
    TEXT.name: _check_text,
    ENUM.name: _check_choice,
    INT.name: _check_number,
    BIGINT.name: _check_number,
    FLOAT.name: _check_number,
    INSTANT.name: _check_instant,
    JSON.name: _check_json,
}


def _check_money(change: Change) -> None:
    for column, currency_column in change.entity.money:
        if column not in change.values:
            continue
        amount, currency = change.get(column), change.get(currency_column)
        if amount is None and column in change.given and currency_column not in change.given:
            change.values[currency_column] = None
        elif amount is not None and currency not in CURRENCIES:
            change.refuse(
                column, "NO_CURRENCY", f"{camel(column)} needs a currency, an ISO 4217 code such as EUR, CNY or USD."
            )


def _check_required(change: Change) -> None:
    for column in change.entity.required:
        if column not in change.values and not any(v.path == camel(column) for v in change.violations):
            change.refuse(column, "REQUIRED", f"{camel(column)} is required.")
