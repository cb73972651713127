"""A field of an entity as it is written on the command line: `began_at:instant`, `cost:money?`, `outcome:choice(good|bad)`."""

from __future__ import annotations

import re
from dataclasses import dataclass

from crmcore.errors import SetupError
from crmcore.scaffold.names import SQL_WORDS, snake_name
from crmcore.scaffold.refusing import refused

__all__ = ["TYPES", "Field", "fields_of", "parsed"]

#: The types, each with what it is.
TYPES = {
    "text": "a line of text",
    "longtext": "text of several lines",
    "int": "a whole number",
    "number": "a number with a fraction, never money",
    "money": "an amount with its currency",
    "date": "a calendar date",
    "instant": "a moment in time",
    "flag": "yes or no",
    "email": "an e-mail address",
    "url": "an address of the web",
    "choice": "one of several: choice(good|bad) or choice:good,bad",
    "link": "another record: link:customer",
}
_WRITTEN = re.compile(
    r"(?P<name>\w+):(?P<type>[a-z]+)(?:\((?P<members>[^()]*)\)|:(?P<rest>[\w,]+))?(?P<null>\?)?(?:=(?P<description>.+))?",
    re.DOTALL,
)
_TAKEN = frozenset(
    "id version created_at updated_at created_by updated_by deleted_at owner_id team_id owner team custom_fields".split()
)


@dataclass(frozen=True)
class Field:
    """One field.

    Attributes:

        name: in snake case, without the `_id` of a link.
        type: one of `TYPES`.
        null: whether it may be empty.
        description: what clients read; None where nobody gave one.
        members: of a choice, in snake case.
        target: of a link: the entity.
    """

    name: str
    type: str
    null: bool = False
    description: str | None = None
    members: tuple[str, ...] = ()
    target: str = ""

    @property
    def words(self) -> str:
        """The name in a sentence."""
        return self.name.replace("_", " ")


def fields_of(written: tuple[str, ...]) -> tuple[Field, ...]:
    """Return the fields.

    Raises:

        SetupError: one or more cannot be read, or a name is there twice; all of them in one message.
    """
    problems: list[str] = []
    found: dict[str, Field] = {}
    for text in written:
        try:
            field = parsed(text)
        except SetupError as error:
            problems += error.problems
            continue
        if found.setdefault(field.name, field) is not field:
            problems.append(f"There are two fields {field.name!r}; rename one.")
    if problems:
        raise refused(problems)
    return tuple(found.values())


def parsed(text: str) -> Field:
    """Read one field.

    Raises:

        SetupError: it cannot be read; says how it is written.
    """
    match = _WRITTEN.fullmatch(text)
    if match is None:
        msg = f"{text!r} is no field; write name:type, as in began_at:instant, and name:type? if it may be empty."
        raise refused(msg)
    name, type_, rest = snake_name(match["name"]), match["type"], match["members"] or match["rest"]
    if type_ not in TYPES:
        known = ", ".join(TYPES)
        msg = f"The field {name!r} has the type {type_!r}, which is none; there are {known}."
        raise refused(msg)
    if type_ == "link":
        name = name.removesuffix("_id")
    if name in _TAKEN or name in SQL_WORDS or _is_piccolos(name):
        msg = f"A field cannot be called {name!r}, which means something else in a table; call it for example {name}_value."
        raise refused(msg)
    if type_ == "flag" and match["null"]:
        msg = f"The flag {name!r} is yes or no and never empty; leave the ? out, or make it a choice."
        raise refused(msg)
    if (rest is not None) != (type_ in ("choice", "link")):
        says = f"{TYPES[type_]}" if type_ in ("choice", "link") else f"write {name}:{type_}"
        msg = f"{text!r} cannot be read: {type_} is {says}."
        raise refused(msg)
    members = tuple(snake_name(m.strip()) for m in re.split(r"[|,]", rest)) if type_ == "choice" else ()
    if len(set(members)) < len(members):
        msg = f"{text!r} names a member twice."
        raise refused(msg)
    target = snake_name(rest) if type_ == "link" else ""
    return Field(name, type_, bool(match["null"]), match["description"], members, target)


def _is_piccolos(name: str) -> bool:
    # Heavy: what a table can do, which no column may hide (`select`, `save`, ...).
    from piccolo.table import Table

    return hasattr(Table, name)
