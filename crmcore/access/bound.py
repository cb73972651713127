"""A row rule with the actor's own values bound: what a statement made for one actor puts beside its own conditions."""

from __future__ import annotations

from typing import Any

from crmcore import clock
from crmcore.access.actor import Access, Actor
from crmcore.access.rules import ActorValue, row_predicate
from crmcore.database.arrays import members
from crmcore.entities.registry import Entities

__all__ = ["EVERY_ROW", "bound_rule"]

#: The condition that every row meets.
EVERY_ROW = "1 = 1"


def bound_rule(
    entities: Entities,
    dialect: str,
    actor: Actor,
    entity: str,
    action: str,
    start: int,
    *,
    alias: str = "t",
    access: Access | None = None,
) -> tuple[str, list[Any]]:
    """Return the condition on the rows that an action reaches, with placeholders from `$start` on, and their values.

    Args:

        entities: all entities.
        dialect: the database's.
        actor: whose rule it is.
        entity: entity name.
        action: one of `crmcore.access.actor.ACTIONS`.
        start: number of the first placeholder.
        alias: the rows' alias in the statement.
        access: other rights than the actor's.
    """
    values: list[Any] = []

    def bind(value: ActorValue) -> str:
        values.append(_value(actor, value))
        place = f"${start + len(values) - 1}"
        if value is ActorValue.TEAMS:
            return members(dialect, place, "uuid")
        return f"{place}::timestamptz" if value is ActorValue.NOW and dialect == "postgresql" else place

    rule = row_predicate(entities, entity, alias, action, access or actor.access, bind)
    return rule or EVERY_ROW, values


def _value(actor: Actor, value: ActorValue) -> Any:
    match value:
        case ActorValue.USER:
            return actor.user_id
        case ActorValue.TEAMS:
            return list(actor.team_ids)
        case ActorValue.NOW:
            return clock.now()
