"""Which rows an action reaches, as an SQL condition that is put wherever a table is named.

Entities with an owner go by scope. Entities with `guarded_by` have no permissions of their own: they follow the record
they belong to, whose `read` (or `export`) lets one see them and whose `update` lets one write them. Entities with
neither are all or nothing: any scope above NONE reaches every row.
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum

from crmcore.access.actor import ACTIONS, Access, Scope
from crmcore.entities.entity import Entity
from crmcore.entities.registry import Entities

__all__ = ["NO_ROW", "ActorValue", "guarding", "owners", "reaches", "row_predicate"]

#: The condition that no row meets.
NO_ROW = "1 = 0"


class ActorValue(Enum):
    """What a condition needs to know of the actor; bound at run time, so that plans are shared between actors."""

    #: The actor's user id, or null.
    USER = "user"
    #: The ids of the actor's teams and their sub-teams.
    TEAMS = "teams"
    #: The instant of the statement.
    NOW = "now"


Bind = Callable[[ActorValue], str]


def row_predicate(entities: Entities, entity: str, alias: str, action: str, access: Access, bind: Bind) -> str | None:
    """Give the SQL condition on the rows of `entity` (named `alias` in the statement) that an action reaches.

    A create is checked with it on the row that was written, everything else on the row as it was: so one may give away what
    one owns, and may not make what one could not reach.

    Args:

        entities: all entities.
        entity: entity name.
        alias: the row's alias in the statement; sub-selects use aliases that start with it and `_g`.
        action: one of `ACTIONS`; restoring is `delete`.
        access: what the actor may do.
        bind: gives the placeholder for the actor's user id or the instant, and SQL for their team ids that fits into
            `in (...)`.

    Returns:

        The condition; None when it holds for every row, `NO_ROW` when for none.

    Raises:

        ValueError: there is no such action.
    """
    if action not in ACTIONS:
        msg = f"There is no action {action!r}; use one of {', '.join(ACTIONS)} (restoring is delete)."
        raise ValueError(msg)
    reach = None if access.everything else _Reach(entities, access, bind).of(entity, alias, action, ())
    if not entities.narrowings or reach == NO_ROW:
        return reach
    narrowed = entities.narrowings.condition(entities, entity, alias, action, access, bind)
    return " and ".join(filter(None, (reach, narrowed))) or None


def reaches(entities: Entities, entity: str, action: str, access: Access) -> bool:
    """Say whether an action may reach any row of an entity at all."""
    return row_predicate(entities, entity, "t", action, access, lambda _: "null") != NO_ROW


def owners(entity: Entity) -> tuple[str, ...]:
    """Return the link columns that make a row somebody's own; empty for entities that are all or nothing."""
    return tuple(column for column in entity.owners if column in entity.columns)


def guarding(action: str) -> str:
    """Return the action on a guarding record that permits `action` on those it guards."""
    return action if action in ("read", "export") else "update"


class _Reach:
    def __init__(self, entities: Entities, access: Access, bind: Bind) -> None:
        self.entities, self.access, self.bind = entities, access, bind

    def of(self, name: str, alias: str, action: str, path: tuple[str, ...]) -> str | None:
        entity = self.entities[name]
        if entity.guarded_by is not None:
            reach = self._guarded(name, alias, entity.guarded_by, guarding(action), (*path, name))
        else:
            reach = self._scope(entity, alias, self.access.scope(name, action))
        if entity.narrow is None or reach == NO_ROW:
            return reach
        narrowed = f"({entity.narrow(alias, self.bind)})"
        return narrowed if reach is None else f"{reach} and {narrowed}"

    def _scope(self, entity: Entity, alias: str, scope: Scope) -> str | None:
        if scope is Scope.NONE:
            return NO_ROW
        if scope is Scope.ALL or not owners(entity):
            return None
        tests = [f"{alias}.{owner} = {self.bind(ActorValue.USER)}" for owner in owners(entity)]
        if scope is Scope.TEAM and "team_id" in entity.columns:
            tests.append(f"{alias}.team_id in ({self.bind(ActorValue.TEAMS)})")
        return f"({' or '.join(tests)})"

    def _guarded(self, name: str, alias: str, link: str, action: str, path: tuple[str, ...]) -> str | None:
        target = self.entities[name].facts[link].target or name
        if target != "*":
            return NO_ROW if target in path else self._through(target, alias, link, action, path)
        # A record attached to one of its own kind has no end that SQL could reach without recursion: it stays out,
        # unless everything it could be attached to is open.
        ways = {t: self._through(t, alias, link, action, path) for t in self.entities.attachable if t not in path}
        if all(way is None for way in ways.values()):
            return None if ways else NO_ROW
        kind = f"{alias}.{link.removesuffix('_id')}_type"
        tests = [f"{kind} = '{t}'" + (f" and {way}" if way else "") for t, way in ways.items() if way != NO_ROW]
        return f"({' or '.join(tests)})" if tests else NO_ROW

    def _through(self, target: str, alias: str, link: str, action: str, path: tuple[str, ...]) -> str | None:
        guard = f"{alias}_g"
        condition = self.of(target, guard, action, path)
        if condition is None or condition == NO_ROW:
            return condition
        table = self.entities[target].tablename
        return f"exists (select 1 from {table} {guard} where {guard}.id = {alias}.{link} and {condition})"
