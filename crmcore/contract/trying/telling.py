"""Events for handlers to be told of, made up of their declarations and of a record."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import fields
from datetime import date, datetime
from enum import Enum
from types import NoneType, UnionType
from typing import Any, Union, get_args, get_origin, get_type_hints
from uuid import UUID

from crmcore.contract.rule import Unverified
from crmcore.contract.trying.records import Records
from crmcore.database import ids
from crmcore.database.money import Money
from crmcore.entities.kinds import TEXT
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.events import Event

__all__ = ["about", "made_up"]

_KNOWN = {field.name for field in fields(Event)}


async def about(records: Records, kind: type[Event]) -> str:
    """Return an entity that events of a class can be about, of which there is a record.

    Raises:

        Unverified: no record of it can be made.
    """
    entity = kind.of or next((e.name for e in records.crm.entities.values() if e.plugin == records.plugin), "customer")
    await records.row(entity)
    return entity


async def made_up(work: Work, records: Records, kind: type[Event], entity: str) -> Event:
    """Return an event of a class.

    Raises:

        Unverified: it has a field of which no value can be made up.
    """
    row = await records.row(entity)
    hints = get_type_hints(kind)
    details = {f.name: _value(kind, f.name, hints[f.name], row, work) for f in fields(kind) if f.name not in _KNOWN}
    return work.event(kind, work.entities[entity], row["id"], **details)


def _value(kind: type[Event], name: str, hint: Any, row: Row, work: Work) -> Any:
    if name in ("before", "after"):
        return dict(row)
    if name == "changed":
        said = work.entities[kind.of].facts if kind.of else {}
        return frozenset([next((c for c, s in said.items() if s.kind is TEXT), "version")])
    if get_origin(hint) in (Union, UnionType) and NoneType in get_args(hint):
        return None
    if isinstance(hint, type) and issubclass(hint, Enum):
        return next(iter(hint))
    plain = get_origin(hint) or hint
    for known, value in _examples(work):
        if isinstance(plain, type) and issubclass(plain, known):
            return value
    msg = f"No {kind.__name__} can be made up to try its handlers with: nothing is known of {name}: {hint}."
    raise Unverified(msg)


def _examples(work: Work) -> list[tuple[type, Any]]:
    return [
        (bool, True),
        (int, 1),
        (float, 1.0),
        (str, "a text"),
        (UUID, ids.new()),
        (datetime, work.now),
        (date, work.now.date()),
        (Money, Money(100, "EUR")),
        (Mapping, {}),
        (frozenset, frozenset()),
        (tuple, ()),
        (list, []),
    ]
