"""The sealed values of one entity in an answer: remembered, or opened in one call, and put back where they stood."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import compress, repeat
from operator import itemgetter
from typing import Any, Final
from uuid import UUID

import msgspec
from graphql import GraphQLError

from crmcore.database import Database
from crmcore.database import ids as ids_of
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import Kind
from crmcore.entities.masks import masked
from crmcore.entities.sealing import ERASED, Cell, Memory, OpenedRecord, Reading, is_sealed
from crmcore.errors import Refusal
from crmcore.graphql.planner.answers.wire import READ, SHOWN
from crmcore.graphql.planner.arguments.binding import located
from crmcore.graphql.planner.place import Place, Trail
from crmcore.graphql.planner.plan import Stored

__all__ = [
    "OWNER",
    "PLAIN",
    "Batch",
    "Opened",
    "Unseal",
    "Value",
    "cell",
    "is_bare",
    "owner_of",
    "python_value",
    "show",
]

#: An object of an answer that was read as JSON.
_Object = dict[str, Any]
#: Values that were opened to see whether a record is one that was looked for, each with its cell: by the entity, the column,
#: what `OWNER` says of the record, and the text as it is stored.
Opened = dict[tuple[str, str, str, str], tuple[Cell, Any]]
#: Key of an object beside its fields, none of which is called so: whose data it is, until Python has gone over it.
OWNER: Final = "~of"
#: So few values are opened sooner than they are remembered.
_FEW: Final = 8
#: Makes a cell of a tuple in a third of the time that its constructor takes: a page has hundreds.
cell: Callable[[tuple[str, UUID, UUID | None, Any]], Cell] = partial(tuple.__new__, Cell)
#: From a value that is not sealed yet to Python's, by the name of the kind: it may be a text whatever its kind.
PLAIN: Final[Mapping[str, Callable[[Any], Any]]] = {**READ, kinds.INT.name: int}


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


def owner_of(said: str) -> bytes:
    """Return what `OWNER` says of a record as `Found` has it."""
    # The blank between the ids it leaves out.
    return bytes.fromhex(said.replace("-", ""))


class Unseal(msgspec.Struct, frozen=True, eq=False):
    """How sealed values of an answer are opened.

    Attributes:

        database: where they are from.
        reading: for whom.
        opened: what need not be opened again.
    """

    database: Database | None
    reading: Reading | None
    opened: Opened


class Batch:
    """The sealed values of one entity.

    Args:

        entity: which.
        unseal: how they are opened.
        past: whether they are of records as they were.
    """

    def __init__(self, entity: Entity, unseal: Unseal, *, past: bool) -> None:
        assert entity.seal is not None
        assert unseal.database is not None, "a planner of sealed entities knows its database"
        self._entity, self._past = entity, past
        self._seal, self._database, self._reading = entity.seal, unseal.database, unseal.reading
        # In the past a record may have been somebody else's: what its values are bound to is not what was looked up.
        self._opened: Opened = {} if past else unseal.opened
        self._seen: list[tuple[Value, _Object, Cell, Any]] = []
        self._cells: list[Cell] = []
        self._parts: list[tuple[Value, Sequence[_Object]]] = []
        self._new: list[_New] = []

    async def add(self, values: Sequence[Value], mark: object, objects: Sequence[_Object]) -> None:
        """Put what is remembered where it stands, and keep in mind what has to be opened."""
        if self._opened and not (objects := self._others(values, objects)):
            return
        memory = self._memory() if len(objects) * len(values) > _FEW else None
        if memory is not None:
            assert self._reading is not None
            shown = itemgetter(OWNER, *(value.key for value in values))
            keys = [(mark, shown(each)) for each in objects]
            known = await memory.recall(self._database, keys, self._reading)
            unknown = [one is None for one in known]
            for each, one in zip(objects, known, strict=True):
                if one is not None:
                    each.update(one)
                    del each[OWNER]
            if not any(unknown):
                return
            objects, keys = list(compress(objects, unknown)), list(compress(keys, unknown))
            ids, subjects = _owners(objects)
            self._new.append(_New(values, keys, objects, ids, subjects))
        else:
            ids, subjects = _owners(objects)
        for value in values:
            self._add(value, objects, ids, subjects)

    def _others(self, values: Sequence[Value], objects: Sequence[_Object]) -> Sequence[_Object]:
        """Return the objects that have something which was not opened already, and take what the others have."""
        name, others = self._entity.name, []
        for each in objects:
            owner, found = each[OWNER], []
            for value in values:
                stored = each[value.key]
                # A JSON value that is not sealed yet cannot be looked for.
                known = (
                    self._opened.get((name, value.stored.column, owner, stored)) if isinstance(stored, str) else None
                )
                if known is None:
                    others.append(each)
                    break
                found.append((value, each, *known))
            else:
                del each[OWNER]
                self._seen += found
        return others

    def _add(
        self, value: Value, objects: Sequence[_Object], ids: Sequence[UUID], subjects: Sequence[UUID | None]
    ) -> None:
        key, kind = value.key, value.stored.kind
        given = [each[key] for each in objects]
        if None in given:
            there = [one is not None for one in given]
            objects, given, ids, subjects = (list(compress(some, there)) for some in (objects, given, ids, subjects))
        if kind.name in PLAIN:
            given = [python_value(kind, one) for one in given]
        self._cells += map(cell, zip(repeat(value.stored.column), ids, subjects, given, strict=False))
        self._parts.append((value, objects))

    async def open(self) -> dict[Trail, GraphQLError]:
        """Open what is not remembered. Return why fields cannot be read; their values are null."""
        try:
            if self._seen and self._reading is not None:
                await self._seal.tell(self._database, [cell for _, _, cell, _ in self._seen], self._reading)
            opened = await self._open() if self._cells else ()
        except Refusal as refusal:
            parts = [*self._parts, *((value, (each,)) for value, each, _, _ in self._seen)]
            for value, held in parts:
                for each in held:
                    each[value.key] = None
            return {value.place.trail: located(refusal, value.place) for value, _ in parts}
        for value, each, _, one in self._seen:
            show(value, (each,), (one,))
        start = 0
        for value, held in self._parts:
            show(value, held, opened[start : start + len(held)])
            start += len(held)
        if self._new and (memory := self._memory()) is not None:
            await memory.remember(self._database, [record for new in self._new for record in new.records()])
        return {}

    async def _open(self) -> Sequence[Any]:
        past = {"past": True} if self._past else {}
        return await self._seal.open(self._database, self._cells, self._reading, **past)

    def _memory(self) -> Memory | None:
        return None if self._past or self._reading is None else self._seal.memory(self._database)


@dataclass(frozen=True, slots=True)
class _New:
    """Objects of one place that are opened for the first time."""

    values: Sequence[Value]
    keys: Sequence[tuple[object, tuple[Any, ...]]]
    objects: Sequence[_Object]
    ids: Sequence[UUID]
    subjects: Sequence[UUID | None]

    def records(self) -> Iterable[OpenedRecord]:
        """Yield what may be remembered."""
        names = [value.key for value in self.values]
        columns = [value.stored.column for value in self.values]
        for key, each, id, subject in zip(self.keys, self.objects, self.ids, self.subjects, strict=True):
            stored = zip(columns, key[1][1:], strict=True)
            cells = tuple(cell((column, id, subject, value)) for column, value in stored if value is not None)
            yield OpenedRecord(key, cells, {name: each[name] for name in names})


def show(value: Value, objects: Sequence[_Object], values: Sequence[Any]) -> None:
    """Put the values of one field into objects as clients see them."""
    stored, key = value.stored, value.key
    shape = SHOWN.get(stored.kind.name) if stored.sealed else None
    erased, kind = stored.erased, stored.kind
    if shape is None and not stored.masked:
        for each, one in zip(objects, values, strict=True):
            each[key] = erased if one is ERASED else one
        return
    for each, one in zip(objects, values, strict=True):
        if one is ERASED:
            each[key] = erased
            continue
        shown = one if shape is None or one is None else shape(one)
        each[key] = masked(stored.mask, kind, shown) if stored.masked else shown


def is_bare(stored: Stored) -> bool:
    """Say whether clients see a sealed value as it was opened."""
    return stored.kind.name not in SHOWN and not stored.masked


def python_value(kind: Kind, stored: Any) -> Any:
    """Return a value as it is opened: a sealed one as it is, one that is not sealed yet as Python has it."""
    read = PLAIN.get(kind.name)
    return stored if read is None or is_sealed(stored) else read(stored)


def _owners(objects: Iterable[_Object]) -> tuple[Sequence[UUID], Sequence[UUID | None]]:
    """Take from some objects whose records they are, and whom each is about."""
    known: dict[str, UUID | None] = {"": None}
    ids: list[UUID] = []
    subjects: list[UUID | None] = []
    for each in objects:
        id, _, subject = each.pop(OWNER).partition(" ")
        own = ids_of.read(id)
        if subject != id and subject not in known:
            known[subject] = ids_of.read(subject)
        ids.append(own)
        subjects.append(own if subject == id else known[subject])
    return ids, subjects
