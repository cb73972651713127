"""Which rows and fields an actor may read, put into the statement wherever a table or a field is named."""

from __future__ import annotations

from crmcore.access.actor import Access, Effect
from crmcore.access.fields import effect
from crmcore.access.rules import ActorValue, row_predicate
from crmcore.database.arrays import members
from crmcore.entities import fields as f
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import ID, INSTANT
from crmcore.entities.registry import Entities
from crmcore.errors import Forbidden
from crmcore.graphql.planner.arguments.binding import Binder

__all__ = ["Rules"]


class Rules:
    """The rules of one kind of access over one statement."""

    def __init__(self, entities: Entities, access: Access, binder: Binder) -> None:
        self._entities, self._access, self._binder = entities, access, binder

    def rows(self, entity: Entity, alias: str, *, linked: bool = False) -> tuple[str, ...]:
        """Return the conditions on rows of `entity` that the actor may read; `linked` rows are found by a link to them."""
        value = self._unplanned if linked and self._binder.dialect.plans_by_values else self._actor_value
        condition = row_predicate(self._entities, entity.name, alias, "read", self._access, value)
        return () if condition is None else (condition,)

    def effect(self, entity: Entity, field: f.Field) -> Effect | None:
        """Return the strictest rule on a field; a link and the relation it makes share theirs."""
        return effect(self._entities, self._access, entity, field)

    def require_open(self, entity: Entity, field: f.Field, use: str) -> None:
        """Refuse a use of a field that would tell what its rule keeps back.

        Raises:

            Forbidden: the field is masked or hidden.
        """
        if (self.effect(entity, field) or Effect.READ_ONLY) >= Effect.MASKED:
            msg = f"You may not see {entity.type_name}.{field.name}, so you cannot {use} by it; leave it out."
            raise Forbidden(msg)

    def _actor_value(self, value: ActorValue) -> str:
        placeholder = self._bound(value)
        return members(self._binder.dialect.name, placeholder, "uuid") if value is ActorValue.TEAMS else placeholder

    def _unplanned(self, value: ActorValue) -> str:
        """Return SQL of a value of the actor's that a database which plans by values does not look at.

        Linked rows are found by their link, whoever asks, and a plan for one actor that looks a little less dear than the
        plan for all would have the statement planned anew for each execution.
        """
        placeholder = f"(select {self._bound(value)})"
        return members(self._binder.dialect.name, placeholder, "uuid") if value is ActorValue.TEAMS else placeholder

    def _bound(self, value: ActorValue) -> str:
        if value is ActorValue.USER:
            return self._binder.share(value, lambda: self._binder.bind(lambda bound: bound.actor.user_id, ID))
        if value is ActorValue.NOW:
            return self._binder.share(value, lambda: self._binder.bind(lambda bound: bound.now, INSTANT))
        return self._binder.share(
            value, lambda: self._binder.bind(lambda bound: list(bound.actor.team_ids), ID, many=True)
        )
