"""From a field to its column: as a declaration writes it, and as a migration makes it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crmcore.database.migrations.source_text import Call, written
from crmcore.database.schema import ColumnSpec
from crmcore.scaffold.field import Field
from crmcore.scaffold.names import EntityNames, plural_of
from crmcore.scaffold.refusing import refused

__all__ = ["LinkTarget", "column_lines", "column_specs", "described", "enum_lines", "enum_name", "inverse_of"]

#: Of each type: the function of `crmcore.columns`, the kind a migration names, and arguments besides the description.
_PLAIN: dict[str, tuple[str, str, tuple[tuple[str, Any], ...]]] = {
    "text": ("text", "text", ()),
    "longtext": ("text", "text", (("max_length", 20_000), ("form", "text"), ("personal", "user.content"))),
    "int": ("integer", "int", ()),
    "number": ("number", "float", ()),
    "date": ("day", "date", ()),
    "instant": ("instant", "instant", ()),
    "flag": ("flag", "bool", ()),
    "email": ("text", "text", (("form", "email"), ("personal", "user.contact.email"))),
    "url": ("text", "text", (("max_length", 2000), ("form", "url"))),
}


@dataclass(frozen=True)
class LinkTarget:
    """Where a link may lead.

    Attributes:

        references: how a declaration names the target's table: `"module:Table"`, or the class where it is in the same file.
        table: the table's name in the database.
        own: whether the class is in the same file.
    """

    references: str
    table: str
    own: bool = False


class _Source:
    """Source text that is written as it is."""

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text


def described(field: Field, entity: EntityNames) -> str:
    """Return the sentence that clients read of a field: the author's, or one made of its name."""
    if field.description:
        return field.description if field.description.endswith((".", "?", "!")) else f"{field.description}."
    if field.type == "flag":
        return f"Whether the {entity.words} {field.words.replace('is ', 'is ', 1)}."
    if field.type in ("instant", "date") and field.name.endswith(("_at", "_on")):
        return f"When the {entity.words} {field.words[:-3]}."
    return f"The {field.words} of the {entity.words}."


def enum_name(field: Field, entity: EntityNames) -> str:
    """Return the class of a choice."""
    return entity.type_name + "".join(word.capitalize() for word in field.name.split("_"))


def enum_lines(field: Field, entity: EntityNames) -> str:
    """Return the class of a choice as source."""
    members = "".join(f'    {m.upper()} = "{m.replace("_", " ").capitalize()}."\n' for m in field.members)
    return f'class {enum_name(field, entity)}(Enum):\n    """{described(field, entity)}"""\n\n{members}'


def inverse_of(field: Field, entity: EntityNames, fields: tuple[Field, ...]) -> str:
    """Return what the target of a link calls the records that lead to it."""
    first = next(other for other in fields if other.target == field.target)
    if first is field:
        return entity.plural
    return f"{entity.plural}By{''.join(word.capitalize() for word in field.name.split('_'))}"


def column_lines(
    field: Field, entity: EntityNames, fields: tuple[Field, ...], targets: Mapping[str, LinkTarget]
) -> str:
    """Return the declaration of a field's column, or columns, as source, indented as in a class."""
    null: tuple[tuple[str, Any], ...] = (("null", True),) if field.null else ()
    says = described(field, entity)
    match field.type:
        case "money":
            partner, known = f"{field.name}_currency", (("currency", f"{field.name}_currency"),)
            # `null` is what amounts are unless it is said otherwise.
            required: tuple[tuple[str, Any], ...] = () if field.null else (("null", False),)
            return _line(field.name, "minor_units", (says,), (*known, *required)) + _line(
                partner, "currency", (f"The currency of the {field.words}.",), required
            )
        case "choice":
            return _line(field.name, "choice", (_Source(enum_name(field, entity)), says), null)
        case "link":
            target = _target(field, targets)
            references: Any = _Source(target.references) if target.own else target.references
            named: list[tuple[str, Any]] = [("references", references), *null]
            named.append(("inverse", inverse_of(field, entity, fields)))
            named.append(("inverse_description", _inverse_says(field, entity, fields)))
            if field.null:
                named.append(("on_delete", "SET NULL"))
            return _line(f"{field.name}_id", "link", (field.target, says), tuple(named))
    function, _, more = _PLAIN[field.type]
    return _line(field.name, function, (says,), (*null, *more))


def column_specs(field: Field, targets: Mapping[str, LinkTarget]) -> tuple[ColumnSpec, ...]:
    """Return the column, or columns, of a field as migrations make them."""
    match field.type:
        case "money":
            return (
                ColumnSpec(field.name, "bigint", field.null),
                ColumnSpec(f"{field.name}_currency", "text", field.null),
            )
        case "choice":
            return (ColumnSpec(field.name, "enum", field.null),)
        case "link":
            then = "SET NULL" if field.null else "RESTRICT"
            table = _target(field, targets).table
            return (ColumnSpec(f"{field.name}_id", "id", field.null, references=table, on_delete=then),)
        case "flag":
            return (ColumnSpec(field.name, "bool", default=False),)
    return (ColumnSpec(field.name, _PLAIN[field.type][1], field.null),)


def _inverse_says(field: Field, entity: EntityNames, fields: tuple[Field, ...]) -> str:
    many = plural_of(entity.words).capitalize()
    if inverse_of(field, entity, fields) == entity.plural:
        return f"{many} of this {field.target.replace('_', ' ')}."
    return f"{many} that have this {field.target.replace('_', ' ')} as {field.words}."


def _line(name: str, function: str, positional: tuple[Any, ...], named: tuple[tuple[str, Any], ...]) -> str:
    call = written(Call(f"c.{function}", positional, named), 1, len(f"{name} = "))
    return f"    {name} = {call}\n"


def _target(field: Field, targets: Mapping[str, LinkTarget]) -> LinkTarget:
    if field.target not in targets:
        known = ", ".join(sorted(targets))
        msg = (
            f"The field {field.name!r} links to {field.target!r}, which is no entity of crmcore and none of this plugin's; there are "
            f'{known}. A link to another plugin\'s entity is written by hand: references="module:Table", and the plugin in dependencies.'
        )
        raise refused(msg)
    return targets[field.target]
