"""Which rows and fields an actor may read, put into the statement wherever a table or a field is named."""

from __future__ import annotations

from crmcore.access.actor import Access, Effect
from crmcore.access.rules import ActorValue, row_predicate
from crmcore.database.arrays import members
from crmcore.entities import fields as f
from crmcore.entities.entity import Entity, camel
from crmcore.entities.kinds import ID
from crmcore.entities.registry import Entities
from crmcore.errors import Forbidden
from crmcore.graphql.planner.binding import Binder

__all__ = ["Rules"]


class Rules:
    """The rules of one kind of access over one statement."""

    def __init__(self, entities: Entities, access: Access, binder: Binder) -> None:
        self._entities, self._access, self._binder = entities, access, binder

    def rows(self, entity: Entity, alias: str) -> tuple[str, ...]:
        """Return the conditions on rows of `entity` that the actor may read."""
        condition = row_predicate(self._entities, entity.name, alias, "read", self._access, self._actor_value)
        return () if condition is None else (condition,)

    def effect(self, entity: Entity, field: f.Field) -> Effect | None:
        """Return the strictest rule on a field; a link and the relation it makes share theirs."""
        names = {field.name}
        if isinstance(field, f.One | f.AnyOne) and field.column:
            names.add(camel(field.column))
        elif isinstance(field, f.Scalar) and field.kind is ID:
            names.add(camel(field.column.removesuffix("_id")))
        elif isinstance(field, f.Computed):
            names |= self._fields_of(entity, field.requires)
        return max((e for name in names if (e := self._access.effect(entity.name, name))), default=None)

    def require_open(self, entity: Entity, field: f.Field, use: str) -> None:
        """Refuse a use of a field that would tell what its rule keeps back.

        Raises:

            Forbidden: the field is masked or hidden.
        """
        if (self.effect(entity, field) or Effect.READ_ONLY) >= Effect.MASKED:
            msg = f"You may not see {entity.type_name}.{field.name}, so you cannot {use} by it; leave it out."
            raise Forbidden(msg)

    def _fields_of(self, entity: Entity, columns: tuple[str, ...]) -> set[str]:
        return {
            name
            for name, field in self._entities.fields(entity.name).items()
            if getattr(field, "column", None) in columns or getattr(field, "currency_column", None) in columns
        }

    def _actor_value(self, value: ActorValue) -> str:
        if value is ActorValue.USER:
            return self._binder.share(value, lambda: self._binder.bind(lambda bound: bound.actor.user_id, ID))
        return self._binder.share(value, self._teams)

    def _teams(self) -> str:
        placeholder = self._binder.bind(lambda bound: list(bound.actor.team_ids), ID, many=True)
        return members(self._binder.dialect.name, placeholder, "uuid")
