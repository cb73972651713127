"""What must be true of a rule of retention: its entity, its instant and its category exist."""

from __future__ import annotations

from typing import Any

from crmcore import Change, Entity, Work, kinds, subjects
from crmcore_compliance.tables.retention import ComplianceRetentionAction as Action

__all__ = ["basis_column", "columns_of", "prepare_rule"]


async def prepare_rule(work: Work, change: Change) -> None:
    """Refuse a rule that could never be carried out, or that would erase what proves compliance."""
    if change.kind not in ("create", "update"):
        return
    entity = work.entities.get(change.get("entity") or "")
    if entity is None:
        change.refuse(
            "entity", "UNKNOWN_VALUE", f"There is no entity {change.get('entity')!r}; name one, as in interaction."
        )
        return
    if entity.plugin == "compliance":
        change.refuse("entity", "NOT_ALLOWED", "What proves compliance does not age out by a rule.")
    if basis_column(entity, change.get("basis") or "") is None:
        known = ", ".join(name for name, said in entity.facts.items() if said.kind in (kinds.INSTANT, kinds.DATE))
        change.refuse(
            "basis", "UNKNOWN_VALUE", f"{change.get('basis')!r} is no instant of {entity.name}; it has {known}."
        )
    if change.get("action") == Action.ANONYMISE.name and not columns_of(entity, change.get("category")):
        message = f"{entity.name} has no personal data of this category that could be emptied."
        change.refuse("category", "UNKNOWN_VALUE", message)
    if change.get("action") == Action.DELETE.name and change.get("category") is not None:
        change.refuse(
            "category", "NOT_ALLOWED", "DELETE removes whole records; leave the category out, or use ANONYMISE."
        )


def basis_column(entity: Entity, name: str) -> str | None:
    """Return the column of an instant or a day by its name, in Python's spelling or in clients'."""
    column = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
    said = entity.facts.get(column)
    return column if said is not None and said.kind in (kinds.INSTANT, kinds.DATE) else None


def columns_of(entity: Entity, category: Any) -> tuple[str, ...]:
    """Return the personal columns of a category and of those below it; all for None."""
    of = {column: subjects.category(entity.facts[column]) or "" for column in subjects.personal_columns(entity)}
    if category is None:
        return tuple(of)
    return tuple(column for column, one in of.items() if one == category or one.startswith(f"{category}."))
