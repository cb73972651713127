"""Single values: known beforehand, or of the database."""

from __future__ import annotations

from dataclasses import dataclass

from crmcore.entities.kinds import Kind

__all__ = [
    "Amount",
    "Cell",
    "Literal",
    "Member",
    "Minor",
    "RecordId",
    "Stored",
    "Whose",
]


@dataclass(frozen=True, slots=True)
class Literal:
    """A text known beforehand, a type's name for example; None is null."""

    text: str | None


@dataclass(frozen=True, slots=True)
class Cell:
    """A value of the database, shown as its kind is shown; `masked` texts show their first character at most."""

    sql: str
    kind: Kind
    masked: bool = False


@dataclass(frozen=True, slots=True)
class Stored:
    """A value of the database for Python, which opens it, masks it, or both.

    Attributes:

        sql: the value.
        kind: of the value.
        column: what it is a value of.
        sealed: whether it is stored sealed: then as it is stored, else as its kind is shown.
        erased: what is shown where nobody can open it any more.
        masked: whether it is masked.
        mask: name of the mask.
    """

    sql: str
    kind: Kind
    column: str
    sealed: bool
    erased: str | None = None
    masked: bool = False
    mask: str | None = None


@dataclass(frozen=True, slots=True)
class Whose:
    """A record's id and that of the person it is about, apart by a space; the second is empty if there is none."""

    id: str
    subject: str


@dataclass(frozen=True, slots=True)
class RecordId:
    """A UUID shown as `entity_uuid`; `entity` is SQL for the entity's name."""

    sql: str
    entity: str


@dataclass(frozen=True, slots=True)
class Minor:
    """Minor units shown as a decimal text with the digits of the currency."""

    sql: str
    currency: str


@dataclass(frozen=True, slots=True)
class Amount:
    """Minor units of any size, shown as `Minor` shows them."""

    sql: str
    currency: str


@dataclass(frozen=True, slots=True)
class Member:
    """A text inside a JSON column."""

    sql: str
    key: str
