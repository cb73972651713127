"""Which records an actor reads and what of their fields, said again in Python."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crmcore.access.actor import Actor, Effect, Scope
from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.entities.entity import camel
from crmcore.entities.registry import Entities
from tests.graphql.reference.data import Row

__all__ = ["Record", "Sight", "masked"]


@dataclass(frozen=True, eq=False)
class Record:
    """A row, and whose it is."""

    entity: str
    row: Row


@dataclass(frozen=True)
class Sight:
    """What one actor sees of some data."""

    entities: Entities
    data: Mapping[str, list[Row]]
    actor: Actor

    def readable(self, entity: str, row: Row) -> bool:
        """Say whether row rules let the actor read a row."""
        access, declared = self.actor.access, self.entities[entity]
        if access.everything:
            return True
        if declared.guarded_by is not None:
            return self._guard(entity, row, declared.guarded_by)
        scope = access.scope(entity, "read")
        if scope in (Scope.NONE, Scope.ALL) or "owner_id" not in declared.columns:
            return scope is not Scope.NONE
        mine = row["owner_id"] is not None and row["owner_id"] == self.actor.user_id
        return mine or (scope is Scope.TEAM and row["team_id"] in self.actor.team_ids)

    def _guard(self, entity: str, row: Row, link: str) -> bool:
        target = self.entities[entity].facts[link].target
        name = row[f"{link[:-3]}_type"] if target == "*" else target
        if target == "*" and all(self.actor.access.scope(n, "read") is Scope.ALL for n in self.entities.attachable):
            return True
        return name is not None and any(
            guard["id"] == row[link] and self.readable(name, guard) for guard in self.data.get(name, [])
        )

    def live(self, entity: str) -> list[Record]:
        """Return the records that are not deleted and may be read."""
        return [Record(entity, r) for r in self.data[entity] if r["deleted_at"] is None and self.readable(entity, r)]

    def effect(self, entity: str, field: f.Field) -> Effect | None:
        """Return the strictest rule on a field; a link and its relation, a computed value and its columns share theirs."""
        found = [self.actor.access.effect(entity, name) for name in self._alike(entity, field)]
        return max((effect for effect in found if effect is not None), default=None)

    def open(self, entity: str, field: f.Field) -> bool:
        """Say whether a field may be filtered and ordered by."""
        return (self.effect(entity, field) or Effect.READ_ONLY) < Effect.MASKED

    def _alike(self, entity: str, field: f.Field) -> set[str]:
        match field:
            case f.One(name=name, column=str(column)) | f.AnyOne(name=name, column=str(column)):
                return {name, camel(column)}
            case f.Scalar(name=name, column=column, kind=kinds.ID):
                return {name, camel(column.removesuffix("_id"))}
            case f.Computed(name=name, requires=requires):
                every = self.entities.fields(entity).items()
                return {name} | {n for n, other in every if getattr(other, "column", None) in requires}
        return {field.name}


def masked(text: str | None) -> Any:
    """Show a masked text: its first character, and that only where enough is left to hide."""
    if text is None:
        return None
    return f"{text[0]}•••" if len(text) > 3 else "•••"
