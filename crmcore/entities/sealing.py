"""Sealing of columns: the one seam at which a plugin turns values into ciphertext before they are stored, and back.

Without a plugin that seals, no entity has a `Seal` and nothing here is called.
A sealed value is a text that begins with `MARK`, wherever it stands: in the entity's table, in the change feed, in the
answer of a statement. Keys, subjects and algorithms are the plugin's affair.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Final, Literal, NamedTuple, Protocol
from uuid import UUID

import msgspec

from crmcore.access.actor import Actor

if TYPE_CHECKING:
    from crmcore.database import Database
    from crmcore.entities.store import Row

__all__ = [
    "ERASED",
    "MARK",
    "Cell",
    "Erased",
    "Found",
    "LookedFor",
    "Lookup",
    "Memory",
    "OpenedRecord",
    "Reading",
    "Seal",
    "SealedColumn",
    "is_sealed",
    "open_rows",
    "sealed_rows",
]

#: What a sealed value begins with.
MARK: Final = "crm1:"


class Erased(Enum):
    """What is left of a value whose key was destroyed."""

    ERASED = "«erased»"


ERASED: Final = Erased.ERASED


@dataclass(frozen=True, slots=True)
class SealedColumn:
    """What can still be done with a sealed column.

    Attributes:

        equality: whether it can be looked up: filters `eq ne in notIn`, unique indexes, keys for upsert.
        prefix: whether `startsWith` finds it.
        sortable: how many records a list may have that is ordered by it; 0 is not at all.
        mask: name of the mask shown to those for whom the field is masked.
        sensitive: whether each reading of it is logged.
        erased: what is shown where the key was destroyed.
    """

    equality: bool = False
    prefix: bool = False
    sortable: int = 0
    mask: str | None = None
    sensitive: bool = False
    erased: str | None = None


class Cell(NamedTuple):
    """One value of one record.

    Attributes:

        column: the column.
        id: the record.
        subject: the person it is about, None where it is about nobody in particular.
        value: as Python has it, or sealed.
    """

    column: str
    id: UUID
    subject: UUID | None
    value: Any


class Found(NamedTuple):
    """One value of one record, as a statement found it: ids as their bytes, which is all that opening a value needs.

    Attributes:

        column: the column.
        owner: the 16 bytes of the record's id, then those of the person it is about; none if it is about nobody.
        value: as it is stored.
    """

    column: str
    owner: bytes
    value: Any

    def cell(self) -> Cell:
        """Return the same with ids."""
        record, person = self.owner[:16], self.owner[16:]
        return Cell(self.column, UUID(bytes=record), UUID(bytes=person) if person else None, self.value)


class Reading(msgspec.Struct, frozen=True):
    """For whom values are opened, where a client asked for them; there is none when the server needs them itself.

    Attributes:

        actor: who reads.
        purpose: what they said they read for.
        request_id: of the request.
        also: readings of others who are shown the same at the same time.
    """

    actor: Actor
    purpose: str | None = None
    request_id: str | None = None
    also: Sequence[Reading] = ()


class OpenedRecord(NamedTuple):
    """What was opened of one record for clients.

    Attributes:

        key: equal for what is stored alike of the same record, is about the same person and is shown alike.
        cells: the values as they are stored.
        shown: the values as clients see them, by name; nobody changes it.
    """

    key: Hashable
    cells: Sequence[Cell]
    shown: Mapping[str, Any]


class Memory(Protocol):
    """What a seal remembers of records that were opened for clients, so that who asks for them again need not wait."""

    async def recall(
        self, database: Database, keys: Sequence[Hashable], reading: Reading
    ) -> Sequence[Mapping[str, Any] | None]:
        """Return what is shown of each record, None where that is not remembered; it is read as much as if it were opened."""

    async def remember(self, database: Database, records: Sequence[OpenedRecord]) -> None:
        """Remember some records, or not; none for longer than their keys exist."""


class LookedFor(Protocol):
    """Values that a `Lookup` looks for."""

    @property
    def params(self) -> Sequence[Any]:
        """What `$1`, `$2` and so on of its select are."""

    async def opened(self, found: Sequence[Found], reading: Reading | None = None) -> Sequence[Any] | None:
        """Return values of records that were found; None unless those of the column in which values are looked for are such values.

        Args:

            found: the values; other columns of these records may be among them.
            reading: for whom, where they are what a client is shown.
        """


class Lookup(Protocol):
    """How a statement finds records by a sealed value itself, so that nobody need look them up before it.

    It may find too many. So the statement returns what it found beside its answer, which counts only if all of it holds;
    or its answer shows all that it says something of, and counts only if that holds.
    """

    #: Select of the `id` of all records that may have one of some values; on SQLite each once, PostgreSQL does not mind.
    every: str
    #: The same of a few of them, each once: of `most`, and of one more if there are more than that.
    ids: str
    #: Select of `id`, `whose` (the subject) and `value` (as it is stored, null if there is none) of each of these few.
    sql: str
    #: So many records may be found beside an answer.
    most: int

    async def values(self, database: Database, values: Sequence[Any]) -> LookedFor | None:
        """Return what to look for, none of the values being None; None if the select would not find all records now."""


class Seal(Protocol):
    """Seals the columns of one entity. All CRMs of a process that share entities share it, so it is told which database."""

    #: The sealed columns.
    columns: Mapping[str, SealedColumn]
    #: Columns of the entity that decide whose data a row is: when one changes, all of the row is sealed anew.
    subject_columns: tuple[str, ...]

    def memory(self, database: Database) -> Memory | None:
        """Return what it remembers of a database; None if it remembers nothing."""

    def subject_sql(self, alias: str, dialect: str) -> str:
        """Return SQL for the subject's id of the row `alias`; `null` if there is none."""

    async def subjects(self, database: Database, rows: Sequence[Row]) -> list[UUID | None]:
        """Return whose data some rows are; the rows have at least `id` and `subject_columns`."""

    async def seal(self, database: Database, cells: Sequence[Cell]) -> list[str]:
        """Return values (none of them None) as they are stored. Sealing the same value twice gives different texts."""

    async def open(
        self, database: Database, cells: Sequence[Cell], reading: Reading | None = None, *, past: bool = False
    ) -> list[Any | Literal[Erased.ERASED]]:
        """Return sealed values as Python values of the columns' kinds, `ERASED` where the key is gone.

        A value that is not sealed is returned as it is while the column is being sealed.

        Args:

            database: where they are from.
            cells: the values.
            reading: for whom, if a client asked for them.
            past: they are of the past, when the record may have been about another person: about whom, the key says.

        Raises:

            Unreadable: a value was altered, moved, or is sealed with a key that nobody has.
        """

    async def tell(self, database: Database, cells: Sequence[Cell], reading: Reading) -> None:
        """Note that a client is shown values that were opened already, as `open` notes it of what it opens for clients."""

    async def changed(self, database: Database, changes: Sequence[tuple[Row | None, Row | None]]) -> None:
        """Keep look-ups up to date, in the transaction that writes: rows (open values) before and after; None for none.

        Raises:

            Duplicate: a unique index that has a sealed column would be violated.
        """

    def lookup(self, column: str, dialect: str, *, several: bool) -> Lookup | None:
        """Return how a statement looks a value up itself, or several; None if `find` has to be asked before it."""

    async def find(self, database: Database, column: str, values: Sequence[Any], *, prefix: bool = False) -> list[UUID]:
        """Return the records whose value equals (or starts with) one of some values; every one was opened and compared.

        Raises:

            Invalid: more records may match than are looked at (`TOO_MANY_MATCHES`).
        """


def is_sealed(value: object) -> bool:
    """Say whether a value is a sealed one."""
    return isinstance(value, str) and value.startswith(MARK)


async def sealed_rows(database: Database, seal: Seal, rows: Sequence[Row]) -> list[Row]:
    """Return rows as they are stored: copies in which the sealed columns they have are sealed, if they are not already."""
    subjects = await seal.subjects(database, rows)
    copies = [dict(row) for row in rows]
    places = [
        (copy, Cell(column, copy["id"], subject, value))
        for copy, subject in zip(copies, subjects, strict=True)
        for column in seal.columns
        if (value := copy.get(column)) is not None and not is_sealed(value)
    ]
    texts = await seal.seal(database, [cell for _, cell in places]) if places else ()
    for (copy, cell), text in zip(places, texts, strict=True):
        copy[cell.column] = text
    return copies


async def open_rows(database: Database, seal: Seal, rows: Sequence[Row]) -> None:
    """Open the sealed columns that rows as they are stored have; what is erased is `«erased»` in texts, else None."""
    rows = [row for row in rows if any(row.get(column) is not None for column in seal.columns)]
    subjects = await seal.subjects(database, rows) if rows else ()
    places = [
        (row, Cell(column, row["id"], subject, value))
        for row, subject in zip(rows, subjects, strict=True)
        for column in seal.columns
        if (value := row.get(column)) is not None
    ]
    values = await seal.open(database, [cell for _, cell in places]) if places else ()
    for (row, cell), value in zip(places, values, strict=True):
        row[cell.column] = seal.columns[cell.column].erased if value is ERASED else value
