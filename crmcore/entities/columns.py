"""Columns of entities: Piccolo columns that also say what a client, a form and an auditor need to know.

Each function gives an ordinary Piccolo column, so tables built of them answer ordinary Piccolo queries; what Piccolo
has no room for (description, classification, who may write) hangs on it as `Facts` and is read by `facts`.
"""

from __future__ import annotations

from dataclasses import dataclass
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
from crmcore.entities.kinds import Kind

__all__ = [
    "Facts",
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


class Write(Enum):
    """When clients may set a field."""

    ALWAYS = "always"
    #: On create only.
    CREATE = "create"
    #: Never: the server keeps it.
    NEVER = "never"


@dataclass(frozen=True, slots=True)
class Facts:
    """What a declaration says about a column beyond its SQL type.

    Attributes:

        description: one sentence for the schema and the docs.
        kind: the kind of value.
        write: when clients may set it.
        null: whether it may be empty.
        default: value when none is given; `...` means there is none, so a column that is not `null` is required.
        max_length: in characters, texts only.
        minimum, maximum: bounds, numbers only (minor units for money).
        choices: the closed set of an enum.
        registry: name of an open set (`"interaction_kinds"`) that plugins add to; values are checked against it.
        personal: category of personal data (Fides taxonomy, for example `user.contact.email`), None if not personal.
        target: entity a link points to; `"*"` for any (then `<name minus _id>_type` holds the entity's name).
        inverse: name of the to-many relation this link gives its target; None gives none.
        inverse_description: one sentence for that relation.
        one_to_one: the inverse is a single record, not a list (a plugin's side table).
        on_delete: what destroying the target does: RESTRICT, CASCADE or SET NULL.
        currency_column: for minor units, the column with the currency code.
        form: how texts are cleaned and checked on write: "line" (trimmed, no line breaks), "text" (as given),
            or a registered form such as "email", "country", "locale", "timezone", "url", "currency".
    """

    description: str
    kind: Kind
    write: Write = Write.ALWAYS
    null: bool = False
    default: Any = ...
    max_length: int | None = None
    minimum: int | float | None = None
    maximum: int | float | None = None
    choices: type[Enum] | None = None
    registry: str | None = None
    personal: str | None = None
    target: str | None = None
    inverse: str | None = None
    inverse_description: str | None = None
    one_to_one: bool = False
    on_delete: str = "RESTRICT"
    currency_column: str | None = None
    form: str | None = None


def facts(column: Column) -> Facts:
    """Return what the declaration says about a column.

    Raises:

        TypeError: the column was made by Piccolo's constructors, which cannot say enough.
    """
    found = getattr(column, "_crm_facts", None)
    if isinstance(found, Facts):
        return found
    name = f"{column._meta.table.__name__}.{column._meta.name}"
    msg = f"{name} is a bare Piccolo column; declare it with crmcore.columns (text, integer, link, ...), so that it has a description, a kind and a classification."
    raise TypeError(msg)


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
    personal: str | None = None,
    write: Write = Write.ALWAYS,
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
        personal=personal,
    )
    return _with(TextColumn(null=null, default=None if null else "", help_text=description), said)


def choice(
    choices: type[Enum],
    description: str,
    *,
    null: bool = False,
    default: Any = ...,
    personal: str | None = None,
    write: Write = Write.ALWAYS,
) -> TextColumn:
    """One member of a closed set, stored as its name; `default` is a member."""
    value = default.name if isinstance(default, Enum) else default
    said = Facts(description, kinds.ENUM, write, null, value, choices=choices, personal=personal)
    return _with(TextColumn(null=null, default=None if null else "", help_text=description), said)


def integer(
    description: str,
    *,
    null: bool = False,
    default: Any = ...,
    minimum: int | None = None,
    maximum: int | None = None,
    write: Write = Write.ALWAYS,
) -> Integer:
    """A 32-bit integer."""
    said = Facts(description, kinds.INT, write, null, default, minimum=minimum, maximum=maximum)
    return _with(Integer(null=null, default=None if null else 0, help_text=description), said)


def big_integer(description: str, *, null: bool = False, default: Any = ..., write: Write = Write.ALWAYS) -> BigInt:
    """A 64-bit integer; clients see it as a text of digits."""
    said = Facts(description, kinds.BIGINT, write, null, default)
    return _with(BigInt(null=null, default=None if null else 0, help_text=description), said)


def number(
    description: str,
    *,
    null: bool = False,
    default: Any = ...,
    minimum: float | None = None,
    maximum: float | None = None,
    personal: str | None = None,
    write: Write = Write.ALWAYS,
) -> DoublePrecision:
    """A double-precision number; never money."""
    said = Facts(description, kinds.FLOAT, write, null, default, minimum=minimum, maximum=maximum, personal=personal)
    return _with(DoublePrecision(null=null, default=None if null else 0.0, help_text=description), said)


def flag(description: str, *, default: bool = False, write: Write = Write.ALWAYS) -> Boolean:
    """True or false, never empty."""
    return _with(
        Boolean(null=False, default=default, help_text=description),
        Facts(description, kinds.BOOL, write, False, default),
    )


def instant(description: str, *, null: bool = False, default: Any = ..., write: Write = Write.ALWAYS) -> Timestamptz:
    """A moment, aware UTC. Without `null` and `default` the client must give it."""
    said = Facts(description, kinds.INSTANT, write, null, default)
    return _with(Timestamptz(null=null, default=None, help_text=description), said)


def day(description: str, *, null: bool = False, personal: str | None = None, write: Write = Write.ALWAYS) -> Date:
    """A calendar date without a time zone."""
    said = Facts(description, kinds.DATE, write, null, personal=personal)
    return _with(Date(null=null, default=None, help_text=description), said)


def json(
    description: str,
    *,
    null: bool = True,
    default: Any = ...,
    personal: str | None = None,
    write: Write = Write.ALWAYS,
) -> JsonColumn:
    """A JSON value."""
    said = Facts(description, kinds.JSON, write, null, default, personal=personal)
    return _with(JsonColumn(null=null, default=None, help_text=description), said)


def identifier(description: str) -> UUID:
    """The primary key of an entity."""
    return _with(UUID(primary_key=True, help_text=description), Facts(description, kinds.ID, Write.CREATE))


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
    write: Write = Write.ALWAYS,
) -> ForeignKey[Any]:
    """A reference to one record of the entity `target`; the column's name ends in `_id`.

    Args:

        target: entity name, for example `"customer"`.
        description: one sentence for the schema.
        references: the target's Piccolo table, `"self"`, or `"module:Table"` where an import would be a circle.
        null: whether there may be none.
        default: None, for a column that is not `null` and that the entity's `prepare` fills when no client does.
        inverse: name of the to-many relation the target gets (`"deals"`).
        inverse_description: its sentence in the schema.
        one_to_one: the inverse is one record or null; give the column a unique index.
        on_delete: what destroying the target does: `RESTRICT`, `CASCADE` or `SET NULL`.
        write: when clients may set it.
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
    )
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
    write: Write = Write.CREATE,
) -> UUID:
    """A reference to a record of any entity. `subject_id` needs a `subject_type` column beside it (`text`, never written by clients)."""
    said = Facts(
        description, kinds.ID, write, null, target="*", inverse=inverse, inverse_description=inverse_description
    )
    return _with(UUID(null=null, default=None, help_text=description), said)


def minor_units(
    description: str, *, currency: str, null: bool = True, minimum: int | None = None, write: Write = Write.ALWAYS
) -> BigInt:
    """The amount of a `Money` field, in minor units; `currency` names the column with its ISO 4217 code."""
    said = Facts(description, kinds.BIGINT, write, null, minimum=minimum, currency_column=currency)
    return _with(BigInt(null=null, default=None, help_text=description), said)


def currency(description: str, *, null: bool = True, write: Write = Write.ALWAYS) -> TextColumn:
    """An ISO 4217 code. As the partner of `minor_units` it is part of that field and not a field of its own."""
    said = Facts(description, kinds.TEXT, write, null, max_length=3, form="currency")
    return _with(TextColumn(null=null, default=None if null else "", help_text=description), said)
