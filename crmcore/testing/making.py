"""Making a record for a test: what it needs and was not given is filled in from its entity's declaration."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from enum import Enum
from typing import TYPE_CHECKING, Any

from crmcore.access.actor import Actor
from crmcore.database import ids
from crmcore.database.money import Money
from crmcore.entities import actions
from crmcore.entities.columns import Facts, Write
from crmcore.entities.entity import Entity
from crmcore.entities.store import Row
from crmcore.testing.factories import FACTORIES, WHOLE
from crmcore.testing.values import value

if TYPE_CHECKING:
    from crmcore.testing.crm import TestCrm

__all__ = ["Made", "make"]


class Made(dict[str, Any]):
    """A row that was made, by column.

    Attributes:

        entity: its entity's name.
        shown_id: its id as clients see it.
    """

    def __init__(self, entity: str, row: Row) -> None:
        super().__init__(row)
        self.entity = entity
        self.shown_id = ids.encode(entity, row["id"])


async def make(crm: TestCrm, entity: str, values: Mapping[str, Any], actor: Actor) -> Made:
    """Make a record; see `TestCrm.make`."""
    if entity not in crm.entities:
        near = get_close_matches(entity, crm.entities, 3) or sorted(crm.entities)
        msg = f"There is no entity {entity!r}; there are for example {', '.join(near)}."
        raise LookupError(msg)
    kind = crm.entities[entity]
    given = _given(kind, values)
    if (factory := crm.factories.get(entity) or FACTORIES.get(entity)) is not None:
        given = {**_given(kind, await factory(crm, given)), **given}
    for column, said in kind.facts.items():
        if column not in given and _needed(kind, column, said):
            given |= await _filled(crm, column, said)
        if said.currency_column is not None and given.get(column) is not None:
            given.setdefault(said.currency_column, "EUR")
    whole = WHOLE.get(entity)
    row = await crm.run(actor, lambda w: whole(w, given) if whole else actions.create(w, entity, given))
    return Made(entity, row)


def _given(kind: Entity, values: Mapping[str, Any]) -> Row:
    found: Row = {}
    for name, given in values.items():
        column = f"{name}_id" if name not in kind.facts and f"{name}_id" in kind.facts else name
        said = kind.facts.get(column)
        if said is not None and said.target is not None:
            found |= _link(column, said.target, given)
        elif isinstance(given, Money) and said is not None and said.currency_column is not None:
            found |= {column: given.minor, said.currency_column: given.currency}
        else:
            found[column] = given.name if isinstance(given, Enum) else given
    return found


def _link(column: str, target: str, given: Any) -> Row:
    entity, id = target, given
    if isinstance(given, Mapping):
        entity, id = getattr(given, "entity", target), given["id"]
    elif isinstance(given, str):
        entity, id = ids.split(given)
    if target != "*" or entity == "*":
        # Of a bare row or UUID nobody knows what it is of: then the test says so by the column of the type.
        return {column: id}
    return {column: id, f"{column.removesuffix('_id')}_type": entity}


def _needed(kind: Entity, column: str, said: Facts) -> bool:
    if said.null or said.default is not ... or column == "id":
        return False
    if column.endswith("_type") and f"{column.removesuffix('_type')}_id" in kind.facts:
        return False
    # What the server keeps its rules fill in; where clients make nothing there may be no rules.
    return said.write is not Write.NEVER or (not kind.actions and column not in _STAMPS)


_STAMPS = ("version", "created_at", "updated_at", "created_by", "updated_by")


async def _filled(crm: TestCrm, column: str, said: Facts) -> Row:
    if said.target is None:
        return {column: value(column, said, crm.next_number(), crm.registries)}
    target = said.target
    if target == "*":
        target = "customer" if "customer" in crm.entities.attachable else crm.entities.attachable[0]
    return _link(column, said.target, await make(crm, target, {}, Actor.system()))
