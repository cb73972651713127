"""Columns of entities: Piccolo columns that also say what a client, a form and an auditor need to know.

Each function gives an ordinary Piccolo column, so tables built of them answer ordinary Piccolo queries; what Piccolo
has no room for (description, classification, who may write) hangs on it as `Facts` and is read by `facts`.
Where a column is younger than its entity, `since` says which version of the plugin has it first.
"""

from __future__ import annotations

from enum import Enum
from typing import Any, TypeVar

from piccolo.columns import JSON as JsonColumn
from piccolo.columns import (
    UUID,
    BigInt,
    Boolean,
    Column,
    Date,
    DoublePrecision,
    ForeignKey,
    Integer,
    OnDelete,
    Timestamptz,
)
from piccolo.columns import Text as TextColumn
from piccolo.columns.reference import LazyTableReference

from crmcore.entities import kinds
from crmcore.entities.facts import Facts, Personal, Write, facts
from crmcore.entities.personal import PersonalData, classified

__all__ = [
    "Facts",
    "Personal",
    "PersonalData",
    "Write",
    "any_link",
    "big_integer",
    "choice",
    "currency",
    "day",
    "facts",
    "flag",
    "identifier",
    "instant",
    "integer",
    "json",
    "link",
    "minor_units",
    "number",
    "text",
]

C = TypeVar("C", bound=Column)


def _with(column: C, said: Facts) -> C:
    column._crm_facts = said  # type: ignore[attr-defined]
    return column


def text(
    description: str,
    *,
    null: bool = False,
    default: Any = ...,
    max_length: int = 255,
    form: str = "line",
    registry: str | None = None,
    personal: Personal = None,
    write: Write = Write.ALWAYS,
    since: str | None = None,
) -> TextColumn:
    """A text of at most `max_length` characters; `form="text"` keeps line breaks."""
    said = Facts(
        description,
        kinds.TEXT,
        write,
        null,
        default,
        max_length=max_length,
        form=form,
        registry=registry,
        personal=classified(personal),
        since=since,
    )
    return _with(TextColumn(null=null, default=None if null else "", help_text=description), said)


def choice(
    choices: type[Enum],
    description: str,
    *,
    null: bool = False,
    default: Any = ...,
    personal: Personal = None,
    write: Write = Write.ALWAYS,
    since: str | None = None,
) -> TextColumn:
    """One member of a closed set, stored as its name; `default` is a member."""
    value = default.name if isinstance(default, Enum) else default
    said = Facts(
        description, kinds.ENUM, write, null, value, choices=choices, personal=classified(personal), since=since
    )
    return _with(TextColumn(null=null, default=None if null else "", help_text=description), said)


def integer(
    description: str,
    *,
    null: bool = False,
    default: Any = ...,
    minimum: int | None = None,
    maximum: int | None = None,
    personal: Personal = None,
    write: Write = Write.ALWAYS,
    since: str | None = None,
) -> Integer:
    """A 32-bit integer."""
    said = Facts(
        description,
        kinds.INT,
        write,
        null,
        default,
        minimum=minimum,
        maximum=maximum,
        personal=classified(personal),
        since=since,
    )
    return _with(Integer(null=null, default=None if null else 0, help_text=description), said)


def big_integer(
    description: str,
    *,
    null: bool = False,
    default: Any = ...,
    minimum: int | None = None,
    maximum: int | None = None,
    personal: Personal = None,
    write: Write = Write.ALWAYS,
    since: str | None = None,
) -> BigInt:
    """A 64-bit integer; clients see it as a text of digits."""
    said = Facts(
        description,
        kinds.BIGINT,
        write,
        null,
        default,
        minimum=minimum,
        maximum=maximum,
        personal=classified(personal),
        since=since,
    )
    return _with(BigInt(null=null, default=None if null else 0, help_text=description), said)


def number(
    description: str,
    *,
    null: bool = False,
    default: Any = ...,
    minimum: float | None = None,
    maximum: float | None = None,
    personal: Personal = None,
    write: Write = Write.ALWAYS,
    since: str | None = None,
) -> DoublePrecision:
    """A double-precision number; never money."""
    said = Facts(
        description,
        kinds.FLOAT,
        write,
        null,
        default,
        minimum=minimum,
        maximum=maximum,
        personal=classified(personal),
        since=since,
    )
    return _with(DoublePrecision(null=null, default=None if null else 0.0, help_text=description), said)


def flag(
    description: str,
    *,
    default: bool = False,
    personal: Personal = None,
    write: Write = Write.ALWAYS,
    since: str | None = None,
) -> Boolean:
    """True or false, never empty."""
    return _with(
        Boolean(null=False, default=default, help_text=description),
        Facts(description, kinds.BOOL, write, False, default, personal=classified(personal), since=since),
    )


def instant(
    description: str,
    *,
    null: bool = False,
    default: Any = ...,
    personal: Personal = None,
    write: Write = Write.ALWAYS,
    since: str | None = None,
) -> Timestamptz:
    """A moment, aware UTC. Without `null` and `default` the client must give it."""
    said = Facts(description, kinds.INSTANT, write, null, default, personal=classified(personal), since=since)
    return _with(Timestamptz(null=null, default=None, help_text=description), said)


def day(
    description: str,
    *,
    null: bool = False,
    personal: Personal = None,
    write: Write = Write.ALWAYS,
    since: str | None = None,
) -> Date:
    """A calendar date without a time zone."""
    said = Facts(description, kinds.DATE, write, null, personal=classified(personal), since=since)
    return _with(Date(null=null, default=None, help_text=description), said)


def json(
    description: str,
    *,
    null: bool = True,
    default: Any = ...,
    personal: Personal = None,
    write: Write = Write.ALWAYS,
    since: str | None = None,
) -> JsonColumn:
    """A JSON value."""
    said = Facts(description, kinds.JSON, write, null, default, personal=classified(personal), since=since)
    return _with(JsonColumn(null=null, default=None, help_text=description), said)


def identifier(description: str, *, since: str | None = None) -> UUID:
    """The primary key of an entity."""
    return _with(
        UUID(primary_key=True, help_text=description),
        Facts(description, kinds.ID, Write.CREATE, personal=False, since=since),
    )


def link(
    target: str,
    description: str,
    *,
    references: Any,
    null: bool = False,
    default: Any = ...,
    inverse: str | None = None,
    inverse_description: str | None = None,
    one_to_one: bool = False,
    on_delete: str = "RESTRICT",
    personal: Personal = None,
    write: Write = Write.ALWAYS,
    since: str | None = None,
) -> ForeignKey[Any] | UUID:
    """A reference to one record of the entity `target`; the column's name ends in `_id`.

    Args:

        target: entity name, for example `"customer"`.
        description: one sentence for the schema.
        references: the target's Piccolo table, `"self"`, or `"module:Table"` where an import would be a circle; None makes no
            foreign key, for rows that are written once by a transaction that has locked their target, and never destroyed.
        null: whether there may be none.
        default: None, for a column that is not `null` and that the entity's `prepare` fills when no client does.
        inverse: name of the to-many relation the target gets (`"deals"`).
        inverse_description: its sentence in the schema.
        one_to_one: the inverse is one record or null; give the column a unique index.
        on_delete: what destroying the target does: `RESTRICT`, `CASCADE` or `SET NULL`.
        personal: what the link itself tells of a person (who their doctor is); None says nothing.
        write: when clients may set it.
        since: version of the plugin that has it first, if the entity is older.
    """
    said = Facts(
        description,
        kinds.ID,
        write,
        null,
        default,
        target=target,
        inverse=inverse,
        inverse_description=inverse_description,
        one_to_one=one_to_one,
        on_delete=on_delete,
        personal=classified(personal),
        since=since,
    )
    if references is None:
        return _with(UUID(null=null, default=None, help_text=description), said)
    if isinstance(references, str) and ":" in references:
        module, _, name = references.partition(":")
        references = LazyTableReference(name, module_path=module)
    piccolo = {"RESTRICT": OnDelete.restrict, "CASCADE": OnDelete.cascade, "SET NULL": OnDelete.set_null}[on_delete]
    return _with(ForeignKey(references, null=null, default=None, on_delete=piccolo, help_text=description), said)


def any_link(
    description: str,
    *,
    null: bool = False,
    inverse: str | None = None,
    inverse_description: str | None = None,
    personal: Personal = None,
    write: Write = Write.CREATE,
    since: str | None = None,
) -> UUID:
    """A reference to a record of any entity. `subject_id` needs a `subject_type` column beside it (`text`, never written by clients)."""
    said = Facts(
        description,
        kinds.ID,
        write,
        null,
        target="*",
        inverse=inverse,
        inverse_description=inverse_description,
        personal=classified(personal),
        since=since,
    )
    return _with(UUID(null=null, default=None, help_text=description), said)


def minor_units(
    description: str,
    *,
    currency: str,
    null: bool = True,
    default: Any = ...,
    minimum: int | None = None,
    personal: Personal = None,
    write: Write = Write.ALWAYS,
    since: str | None = None,
) -> BigInt:
    """The amount of a `Money` field, in minor units; `currency` names the column with its ISO 4217 code."""
    said = Facts(
        description,
        kinds.BIGINT,
        write,
        null,
        default,
        minimum=minimum,
        currency_column=currency,
        personal=classified(personal),
        since=since,
    )
    return _with(BigInt(null=null, default=None, help_text=description), said)


def currency(
    description: str, *, null: bool = True, write: Write = Write.ALWAYS, since: str | None = None
) -> TextColumn:
    """An ISO 4217 code. As the partner of `minor_units` it is part of that field and not a field of its own."""
    said = Facts(description, kinds.TEXT, write, null, max_length=3, form="currency", personal=False, since=since)
    return _with(TextColumn(null=null, default=None if null else "", help_text=description), said)
