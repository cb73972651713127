"""What a declaration says about a column beyond its SQL type; it hangs on the Piccolo column."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any, Literal

from piccolo.columns import Column

from crmcore.entities.kinds import Kind
from crmcore.entities.personal import Personal, PersonalData

__all__ = ["Facts", "Personal", "PersonalData", "Write", "facts"]


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
        personal: what it holds of a person, False where that is nothing, None where nobody has said.
        target: entity a link points to; `"*"` for any (then `<name minus _id>_type` holds the entity's name).
        inverse: name of the to-many relation this link gives its target; None gives none.
        inverse_description: one sentence for that relation.
        one_to_one: the inverse is a single record, not a list (a plugin's side table).
        on_delete: what destroying the target does: RESTRICT, CASCADE or SET NULL.
        currency_column: for minor units, the column with the currency code.
        form: how texts are cleaned and checked on write: "line" (trimmed, no line breaks), "text" (as given),
            or a registered form such as "email", "country", "locale", "timezone", "url", "currency".
        since: version of its plugin that has it first; None is the version that has the entity first.
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
    personal: PersonalData | Literal[False] | None = None
    target: str | None = None
    inverse: str | None = None
    inverse_description: str | None = None
    one_to_one: bool = False
    on_delete: str = "RESTRICT"
    currency_column: str | None = None
    form: str | None = None
    since: str | None = None


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
