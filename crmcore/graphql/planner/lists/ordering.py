"""The order of a list: its keys, of the records themselves and of records they are linked to."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b

from crmcore.access.actor import Effect
from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.entities.kinds import Kind
from crmcore.errors import Invalid
from crmcore.graphql.lists.sealed import sealed
from crmcore.graphql.planner.arguments.given import Given
from crmcore.graphql.planner.plan import SealedKey, Sorting
from crmcore.graphql.planner.related import Related

__all__ = ["fingerprint", "sortings"]

#: So many keys a client may give, and so many links one of them may follow.
_MOST_KEYS, _MOST_LINKS = 10, 3
#: Members of a key that do not say what to order by.
_ABOUT = ("direction", "nulls")


def sortings(related: Related, entity: Entity, alias: str, given: Given | None, dialect: str) -> tuple[Sorting, ...]:
    """Return the keys of a list's order; the id is always the last, in the direction of the key before it.

    Args:

        related: gives the rows that links lead to, which obey the rules as the list itself does.
        entity: whose records the list has.
        alias: their alias.
        given: the argument `orderBy`; the entity's own order counts if it is absent or empty.
        dialect: for SQL expressions.

    Raises:

        Forbidden: a key is masked or hidden for the actor.
        Invalid: a key names nothing or more than one thing, or there are too many.
    """
    keys: dict[str, Sorting] = {}
    for key in _Given(related, dialect).keys(entity, alias, given) if given else ():
        keys.setdefault(key.name, key)
        if key.name == "id":
            return tuple(keys.values())
    ordered = tuple(keys.values()) or tuple(_own(related, entity, alias))
    descending = ordered[-1].descending if ordered else True
    return (*ordered, Sorting(f"{alias}.id", kinds.ID, descending, None, "id"))


def fingerprint(entity: Entity, order: Sequence[Sorting]) -> str:
    """Return what a cursor carries to be refused by a list in another order."""
    keys = [f"{k.name} {k.descending} {k.nulls_first}" for k in order]
    return blake2b("|".join([entity.name, *keys]).encode(), digest_size=6).hexdigest()


def _own(related: Related, entity: Entity, alias: str) -> Iterator[Sorting]:
    """Yield the keys the entity declares, without those the actor may not see: their order would tell."""
    shown = {getattr(field, "column", None): field for field in related.entities.fields(entity.name).values()}
    for key in entity.order:
        column, descending = key.removeprefix("-"), key.startswith("-")
        field, said = shown.get(column), entity.facts[column]
        if field is None or (related.rules.effect(entity, field) or Effect.READ_ONLY) < Effect.MASKED:
            yield Sorting(f"{alias}.{column}", said.kind, descending, descending if said.null else None, column)


@dataclass(frozen=True, slots=True)
class _Given:
    """Makes keys of what a client gave."""

    related: Related
    dialect: str

    def keys(self, entity: Entity, alias: str, given: Given) -> Iterator[Sorting]:
        elements = list(given.elements())
        if len(elements) > _MOST_KEYS:
            msg = f"An order has at most {_MOST_KEYS} keys, and this one has {len(elements)}; leave out the last ones."
            raise Invalid.at(given.path, "TOO_MANY_KEYS", msg)
        for element in elements:
            yield self._key(entity, alias, element, ())

    def _key(self, entity: Entity, alias: str, given: Given, links: tuple[str, ...]) -> Sorting:
        name, part = _only(given)
        fields = self.related.entities.fields(entity.name)
        field = fields[part.constant.value if name == "field" else name]
        self.related.rules.require_open(entity, field, "order")
        if name == "field":
            return self._sorting(entity, field, alias, given, links)
        assert isinstance(field, f.One)
        if len(links) == _MOST_LINKS:
            msg = f"A key of an order follows at most {_MOST_LINKS} links; order by a record that is nearer."
            raise Invalid.at(given.path, "ORDER_DEPTH", msg)
        rows = self.related.of(field, alias)
        key = self._key(self.related.entities[field.target], rows.alias, part, (*links, name))
        return replace(key, joins=(rows, *key.joins))

    def _sorting(self, entity: Entity, field: f.Field, alias: str, given: Given, links: tuple[str, ...]) -> Sorting:
        sql, kind, null = self._value(field, alias)
        key = SealedKey(entity, field.column, alias) if sealed(entity, field) and isinstance(field, f.Scalar) else None
        direction, nulls = given.get("direction"), given.get("nulls")
        descending = direction is not None and direction.constant.name == "DESC"
        first = descending if nulls is None else nulls.constant.name == "FIRST"
        # Where there is no linked record its fields are null, whether they may be or not; what is erased has no place.
        nullable = null or bool(links) or key is not None
        name = ".".join((*links, field.name))
        return Sorting(sql, kind, descending, first if nullable else None, name, sealed=key)

    def _value(self, field: f.Field, alias: str) -> tuple[str, Kind, bool]:
        match field:
            case f.Scalar(column=column, kind=kind, null=null):
                return f"{alias}.{column}", kind, null
            case f.Money(column=column, null=null):
                return f"{alias}.{column}", kinds.BIGINT, null
            case f.Expression(kind=kind, sql=sql, null=null):
                return f"({sql(alias, self.dialect)})", kind, null
        msg = f"{field.name} has no order; the schema must not offer it."
        raise TypeError(msg)


def _only(given: Given) -> tuple[str, Given]:
    chosen = [(name, part) for name, part in given.items() if name not in _ABOUT and not part.null]
    if len(chosen) == 1:
        return chosen[0]
    names = " and ".join(name for name, _ in chosen) or "nothing"
    msg = f"A key of an order names one thing to go by, and this one names {names}; give each a key of its own."
    raise Invalid.at(given.path, "ORDER_KEY", msg)
