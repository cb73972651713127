"""Conditions that plugins put on the rows of entities, whoever declares these: they can only take rows away.

They stand wherever a row rule stands, for administrators too; only the CRM itself (`Actor.system`) goes past them. Records
that are guarded by another follow it here as they do in their rights, unless the plugin narrows them themselves.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from crmcore.access.actor import ACTIONS, Access

if TYPE_CHECKING:
    from crmcore.access.rules import ActorValue
    from crmcore.entities.entity import Entity
    from crmcore.plugins.plugin import Plugin

__all__ = ["Narrowing", "Narrowings", "gathered"]

Bind: TypeAlias = "Callable[[ActorValue], str]"
#: From the row's alias, a binder of values and what the actor may do to a condition; None where all rows may stay.
NarrowingSql: TypeAlias = "Callable[[str, Bind, Access], str | None]"


@dataclass(frozen=True, slots=True)
class Narrowing:
    """A condition on the rows of one entity.

    Attributes:

        entity: the entity's name.
        sql: gives the condition. It may depend on everything of an access (`access.purpose`, `access.may(…)`), and binds
            `ActorValue.NOW` only: who asks must not matter, since people with equal rights share what is worked out once.
        actions: what it narrows; restoring is `delete`.
        plugin: who gives it; the host fills it in.
    """

    entity: str
    sql: NarrowingSql
    actions: tuple[str, ...] = ACTIONS
    plugin: str = "core"


class Narrowings:
    """All narrowings of a CRM."""

    def __init__(self, given: Iterable[Narrowing] = ()) -> None:
        #: By plugin, then by entity: where a plugin narrows an entity itself, it does not follow what it belongs to.
        self._by_plugin: dict[str, dict[str, tuple[Narrowing, ...]]] = {}
        for one in given:
            of_plugin = self._by_plugin.setdefault(one.plugin, {})
            of_plugin[one.entity] = (*of_plugin.get(one.entity, ()), one)

    def __bool__(self) -> bool:
        return bool(self._by_plugin)

    def condition(
        self, entities: Mapping[str, Entity], entity: str, alias: str, action: str, access: Access, bind: Bind
    ) -> str | None:
        """Return what plugins demand of the rows of `entity` (see `row_predicate`); None if they demand nothing."""
        if access.unnarrowed:
            return None
        walks = (_Walk(entities, given, access, bind) for given in self._by_plugin.values())
        return _all(walk.of(entity, alias, action, ()) for walk in walks)


def gathered(given: Iterable[tuple[Plugin, Any]], entities: Mapping[str, Entity], problems: list[str]) -> Narrowings:
    """Put together what plugins answered to `crm_narrowings`; what is wrong with it is noted."""
    found: list[Narrowing] = []
    for plugin, answer in given:
        for item in answer if isinstance(answer, list | tuple) else [answer]:
            if not isinstance(item, Narrowing):
                problems.append(f"{plugin} gives {item!r} by crm_narrowings; each item must be Narrowing.")
            elif item.entity not in entities:
                problems.append(f"{plugin} narrows {item.entity!r}, which no plugin declares; leave it out.")
            else:
                found.append(replace(item, plugin=plugin.name))
    return Narrowings(found)


class _Walk:
    def __init__(
        self, entities: Mapping[str, Entity], given: Mapping[str, Sequence[Narrowing]], access: Access, bind: Bind
    ) -> None:
        self._entities, self._given, self._access, self._bind = entities, given, access, bind

    def of(self, name: str, alias: str, action: str, path: tuple[str, ...]) -> str | None:
        if own := self._given.get(name):
            asked = (n.sql(alias, self._bind, self._access) for n in own if action in n.actions)
            return _all(f"({sql})" if sql is not None else None for sql in asked)
        link = self._entities[name].guarded_by
        return None if link is None else _all(self._followed(name, alias, link, action, (*path, name)))

    def _followed(self, name: str, alias: str, link: str, action: str, path: tuple[str, ...]) -> Iterator[str]:
        target = self._entities[name].facts[link].target or name
        there = action if action in ("read", "export") else "update"
        guard = f"{alias}_n"
        for one in self._entities if target == "*" else (target,):
            if one in path or (target == "*" and not self._entities[one].attachable):
                continue
            condition = self.of(one, guard, there, path)
            if condition is None:
                continue
            of_kind = f"{alias}.{link.removesuffix('_id')}_type = '{one}' and " if target == "*" else ""
            table = self._entities[one].tablename
            # A record that is attached to nothing stays, so what is asked is whether it is attached to one that is out.
            yield (
                f"not ({of_kind}exists (select 1 from {table} {guard} "
                f"where {guard}.id = {alias}.{link} and ({condition}) is not true))"
            )


def _all(conditions: Iterable[str | None]) -> str | None:
    return " and ".join(c for c in conditions if c is not None) or None
