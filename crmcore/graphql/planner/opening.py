"""Values that Python opens or masks: all sealed values of an answer in one call for each entity, put back where they stood."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import compress, repeat
from typing import Any, Final
from uuid import UUID

from graphql import GraphQLError

from crmcore.database import Database
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import Kind
from crmcore.entities.masks import masked
from crmcore.entities.sealing import ERASED, Cell, Reading, is_sealed
from crmcore.errors import Refusal
from crmcore.graphql.planner.binding import located
from crmcore.graphql.planner.here import Here
from crmcore.graphql.planner.place import Place, Trail
from crmcore.graphql.planner.plan import Node, Obj, Stored, Whose
from crmcore.graphql.planner.walk import objects as objects_of
from crmcore.graphql.planner.wire import READ, SHOWN

__all__ = ["Opening", "Unseal", "Value", "open_all", "openable", "places", "python_value"]

#: Of some objects: whose records they are, and whom each is about.
_Owners = tuple[Sequence[UUID], Sequence[UUID | None]]
#: Key of an object beside its fields, none of which is called so: whose data it is, until Python has gone over it.
_OWNER = "~of"
#: Makes a cell of a tuple in a third of the time that its constructor takes: a page has hundreds.
_cell: Callable[[tuple[str, UUID, UUID | None, Any]], Cell] = partial(tuple.__new__, Cell)
#: From a value that is not sealed yet to Python's, by the name of the kind: it may be a text whatever its kind.
_PLAIN: Final[Mapping[str, Callable[[Any], Any]]] = {**READ, kinds.INT.name: int}


@dataclass(frozen=True, slots=True)
class Value:
    """One field of the objects of a place.

    Attributes:

        key: under which it stands.
        stored: how the statement gives it.
        place: the field that is null if it cannot be read.
    """

    key: str
    stored: Stored
    place: Place


@dataclass(frozen=True, slots=True)
class Opening:
    """The objects of one place that hold values to open or to mask.

    Attributes:

        entity: whose records they are.
        trail: how they are walked to.
        values: what they hold.
        past: whether they are records as they were.
    """

    entity: Entity
    trail: Trail
    values: tuple[Value, ...]
    past: bool

    @property
    def owned(self) -> bool:
        """Whether the objects say whose data they are."""
        return any(value.stored.sealed for value in self.values)


@dataclass(frozen=True, slots=True)
class Unseal:
    """How sealed values of an answer are opened: where they are from, and for whom."""

    database: Database | None
    reading: Reading | None


def openable(
    entity: Entity, alias: str, value: Obj, here: Here, place: Callable[[str], Place], dialect: str
) -> tuple[Obj, Opening | None]:
    """Return an object of a record's values such as Python can open those that are sealed, and how it does.

    Args:

        entity: whose record.
        alias: its alias.
        value: what is shown of it.
        here: where the object stands.
        place: from a key to the field that is null if its value cannot be read.
        dialect: the database's.
    """
    found = tuple(Value(key, node, place(key)) for key, node in value.members if isinstance(node, Stored))
    if not found:
        return value, None
    opening = Opening(entity, here.trail, found, here.past)
    if not opening.owned:
        return value, opening
    assert entity.seal is not None
    owner: Node = Whose(f"{alias}.id", entity.seal.subject_sql(alias, dialect))
    return Obj((*value.members, (_OWNER, owner))), opening


async def open_all(whole: Any, openings: Iterable[Opening], unseal: Unseal) -> dict[Trail, GraphQLError]:
    """Open and mask the values of a place in a value that was read as JSON, which is changed.

    Returns:

        Why fields cannot be read, by trail; their values are null.
    """
    batches: dict[tuple[str, bool], _Batch] = {}
    for opening in openings:
        objects = objects_of(whole, opening.trail)
        owners = _owners(objects) if opening.owned else ([], [])
        for value in opening.values:
            if value.stored.sealed:
                key = (opening.entity.name, opening.past)
                batch = batches.get(key) or batches.setdefault(key, _Batch(opening.entity, opening.past))
                batch.add(value, objects, owners)
            else:
                _show(value.stored, value.key, objects, [each[value.key] for each in objects])
    errors: dict[Trail, GraphQLError] = {}
    for batch in batches.values():
        errors |= await batch.open(unseal)
    return errors


class _Batch:
    """The sealed values of one entity."""

    def __init__(self, entity: Entity, past: bool) -> None:
        self._entity, self._past = entity, past
        self._cells: list[Cell] = []
        self._parts: list[tuple[Value, Sequence[dict[str, Any]]]] = []

    def add(self, value: Value, objects: Sequence[dict[str, Any]], owners: _Owners) -> None:
        key, kind = value.key, value.stored.kind
        given = [each[key] for each in objects]
        ids, subjects = owners
        if None in given:
            there = [one is not None for one in given]
            objects, given, ids, subjects = (list(compress(some, there)) for some in (objects, given, ids, subjects))
        if kind.name in _PLAIN:
            given = [python_value(kind, one) for one in given]
        self._cells += map(_cell, zip(repeat(value.stored.column), ids, subjects, given, strict=False))
        self._parts.append((value, objects))

    async def open(self, unseal: Unseal) -> dict[Trail, GraphQLError]:
        seal = self._entity.seal
        assert seal is not None
        assert unseal.database is not None, "a planner of sealed entities knows its database"
        if not self._cells:
            return {}
        try:
            past = {"past": True} if self._past else {}
            opened = await seal.open(unseal.database, self._cells, unseal.reading, **past)
        except Refusal as refusal:
            for value, held in self._parts:
                for each in held:
                    each[value.key] = None
            return {value.place.trail: located(refusal, value.place) for value, _ in self._parts}
        start = 0
        for value, held in self._parts:
            _show(value.stored, value.key, held, opened[start : start + len(held)])
            start += len(held)
        return {}


def _show(stored: Stored, key: str, objects: Sequence[dict[str, Any]], values: Sequence[Any]) -> None:
    """Put values into objects as clients see them."""
    show = SHOWN.get(stored.kind.name) if stored.sealed else None
    erased, kind = stored.erased, stored.kind
    if show is None and not stored.masked:
        for each, value in zip(objects, values, strict=True):
            each[key] = erased if value is ERASED else value
        return
    for each, value in zip(objects, values, strict=True):
        if value is ERASED:
            each[key] = erased
            continue
        shown = value if show is None or value is None else show(value)
        each[key] = masked(stored.mask, kind, shown) if stored.masked else shown


def python_value(kind: Kind, stored: Any) -> Any:
    """Return a value as it is opened: a sealed one as it is, one that is not sealed yet as Python has it."""
    read = _PLAIN.get(kind.name)
    return stored if read is None or is_sealed(stored) else read(stored)


def _owners(objects: Iterable[dict[str, Any]]) -> _Owners:
    known: dict[str, UUID | None] = {"": None}
    ids: list[UUID] = []
    subjects: list[UUID | None] = []
    for each in objects:
        id, _, subject = each.pop(_OWNER).partition(" ")
        own = UUID(id)
        if subject != id and subject not in known:
            known[subject] = UUID(subject)
        ids.append(own)
        subjects.append(own if subject == id else known[subject])
    return ids, subjects


def places(opening: Opening) -> Iterator[Place]:
    """Yield the fields that may fail."""
    yield from dict.fromkeys(value.place for value in opening.values)
