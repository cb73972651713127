"""A row rule with the actor's own values bound: what a statement made for one actor puts beside its own conditions."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from typing import Any, NamedTuple

from crmcore import clock
from crmcore.access.actor import Access, Actor
from crmcore.access.rules import ActorValue, row_predicate
from crmcore.database.arrays import members
from crmcore.entities.registry import Entities

__all__ = ["EVERY_ROW", "bound_rule", "reach_of"]

#: The condition that every row meets.
EVERY_ROW = "1 = 1"


class _Known(NamedTuple):
    """A rule, what of an actor it wants, and what gives that."""

    rule: str
    wanted: tuple[ActorValue, ...]
    values: tuple[Callable[[Actor], Any], ...]


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
    known = _known(entities, dialect, access or actor.access, entity, action, start, alias)
    return known.rule, [value(actor) for value in known.values] if known.values else []


def reach_of(entities: Entities, dialect: str, actor: Actor, entity: str, action: str) -> Hashable:
    """Return what is equal for actors whose rule is the same, so that at any instant they reach the same rows."""
    known = _known(entities, dialect, actor.access, entity, action, 1, "t")
    users = actor.user_id if ActorValue.USER in known.wanted else None
    return known.rule, users, actor.team_ids if ActorValue.TEAMS in known.wanted else ()


def _known(
    entities: Entities, dialect: str, access: Access, entity: str, action: str, start: int, alias: str
) -> _Known:
    # A rule depends on everything of an access, and on nothing else of an actor.
    key = (dialect, entity, action, start, alias, access.key, entities.narrowings)
    known = entities.rules.get(key)
    if known is None:
        known = _rule(entities, dialect, access, entity, action, start, alias)
        entities.rules.put(key, known)
    return known


def _rule(entities: Entities, dialect: str, access: Access, entity: str, action: str, start: int, alias: str) -> _Known:
    wanted: list[ActorValue] = []

    def bind(value: ActorValue) -> str:
        wanted.append(value)
        place = f"${start + len(wanted) - 1}"
        if value is ActorValue.TEAMS:
            return members(dialect, place, "uuid")
        return f"{place}::timestamptz" if value is ActorValue.NOW and dialect == "postgresql" else place

    rule = row_predicate(entities, entity, alias, action, access, bind)
    return _Known(rule or EVERY_ROW, tuple(wanted), tuple(_VALUES[value] for value in wanted))


#: What of an actor is bound.
_VALUES: Mapping[ActorValue, Callable[[Actor], Any]] = {
    ActorValue.USER: lambda actor: actor.user_id,
    ActorValue.TEAMS: lambda actor: list(actor.team_ids),
    ActorValue.NOW: lambda _: clock.now(),
}
