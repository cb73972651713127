"""The rows a relation leads to: tied to the parent, alive, and such as the actor may read."""

from __future__ import annotations

from itertools import count

from crmcore.entities import fields as f
from crmcore.entities.entity import Entity
from crmcore.entities.registry import Entities
from crmcore.graphql.planner.plan import Rows
from crmcore.graphql.planner.rules import Rules

__all__ = ["Related"]


class Related:
    """Gives every table reference of one statement its alias and its conditions.

    Attributes:

        entities: all entities.
        rules: what the actor may read.
    """

    def __init__(self, entities: Entities, rules: Rules) -> None:
        self.entities, self.rules = entities, rules
        self._numbers = count(1)

    def alias(self) -> str:
        """Return an alias no other table of the statement has."""
        return f"t{next(self._numbers)}"

    def live(self, entity: Entity, alias: str, *, linked: bool = False) -> tuple[str, ...]:
        """Return the conditions on rows that are not deleted and may be read; `linked` rows are found by a link to them."""
        alive = (f"{alias}.deleted_at is null",) if entity.soft_delete else ()
        return (*alive, *self.rules.rows(entity, alias, linked=linked))

    def of(self, field: f.One | f.Many, parent: str) -> Rows:
        """Return the records that a relation of the row aliased `parent` leads to."""
        target, child = self.entities[field.target], self.alias()
        # In brackets: an `or` in a plugin's join must not step around the rules beside it.
        return Rows(target.tablename, child, (f"({field.join(parent, child)})", *self.live(target, child, linked=True)))
