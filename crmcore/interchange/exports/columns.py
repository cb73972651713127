"""What an export shows of a record: which fields, how a query asks for them, and which cells they fill."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from crmcore.access.actor import Access, Effect
from crmcore.entities import fields as f
from crmcore.entities.kinds import JSON, TEXT
from crmcore.entities.registry import Entities
from crmcore.errors import Invalid, Violation
from crmcore.interchange.guard import guarded

__all__ = ["Column", "columns"]

_Exportable = f.Scalar | f.Money | f.Stamp | f.Expression | f.Computed


@dataclass(frozen=True, slots=True)
class Column:
    """A field in an export.

    Attributes:

        name: its GraphQL name.
        selection: how a query asks for it.
        headings: names of its cells: one, or for money two.
        cells: from its value in an answer to its cells.
    """

    name: str
    selection: str
    headings: tuple[str, ...]
    cells: Callable[[Any], list[str]]


def columns(entities: Entities, entity: str, names: Sequence[str] | None, access: Access) -> list[Column]:
    """Return the columns of an export.

    Args:

        entities: all entities.
        entity: entity name.
        names: GraphQL names of fields, in order; None for all columns of the entity that the actor sees unmasked.
        access: what the actor may do.

    Raises:

        Invalid: a name is no field that a cell can hold; all such names are listed.
    """
    fields = entities.fields(entity)
    if names is None:
        names = [
            n for n, field in fields.items() if isinstance(field, f.Scalar | f.Money) and _shown(entity, n, access)
        ]
    wrong = [_unknown(entities, entity, n) for n in names if not isinstance(fields.get(n), _Exportable)]
    if wrong:
        raise Invalid.of(wrong)
    return [_column(n, fields[n]) for n in names]


def _shown(entity: str, name: str, access: Access) -> bool:
    effect = access.effect(entity, name)
    return effect is None or effect is Effect.READ_ONLY


def _column(name: str, field: f.Field) -> Column:
    if isinstance(field, f.Money):
        return Column(name, f"{name} {{ amount currency }}", (f"{name}.amount", f"{name}.currency"), _money)
    if isinstance(field, f.Stamp):
        return Column(
            name, f"{name} {{ type actorId label }}", (name,), lambda value: [guarded((value or {}).get("label") or "")]
        )
    kind = field.kind if isinstance(field, f.Scalar | f.Expression | f.Computed) else TEXT
    return Column(name, name, (name,), {TEXT: _text, JSON: _json}.get(kind, _plain))


def _money(value: Mapping[str, str] | None) -> list[str]:
    return ["", ""] if value is None else [value["amount"], value["currency"]]


def _text(value: str | None) -> list[str]:
    return [guarded(value or "")]


def _json(value: Any) -> list[str]:
    return ["" if value is None else guarded(json.dumps(value, ensure_ascii=False))]


def _plain(value: Any) -> list[str]:
    if isinstance(value, bool):
        return ["true" if value else "false"]
    return ["" if value is None else str(value)]


def _unknown(entities: Entities, entity: str, name: str) -> Violation:
    known = [n for n, field in entities.fields(entity).items() if isinstance(field, _Exportable)]
    close = get_close_matches(name, known, n=1)
    meant = f"did you mean {close[0]}?" if close else f"there are {', '.join(known)}."
    return Violation(
        "fields", "UNKNOWN_FIELD", f"{entities[entity].type_name} has no field {name!r} that a file can hold; {meant}"
    )
