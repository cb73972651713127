"""All entities of a CRM, each with its relations resolved in both directions."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any, NamedTuple

from crmcore.access.narrowings import Narrowings
from crmcore.cache import Cache
from crmcore.entities import fields as f
from crmcore.entities.entity import Entity
from crmcore.entities.searched import Part, searched
from crmcore.entities.timeline import feeds
from crmcore.errors import SetupError

__all__ = ["Added", "Entities", "Giver"]

#: How many row rules are kept.
_RULES = 2048


class Giver(NamedTuple):
    """Who gives a part of the API, and since when.

    Attributes:

        plugin: the plugin's name; `core` for what is nobody's alone.
        since: version of the plugin that has it first, if it says so.
    """

    plugin: str
    since: str | None = None


@dataclass(frozen=True, slots=True)
class Added:
    """A field a plugin adds to an entity it does not own.

    Attributes:

        entity: the entity's name, or `"*"` for every attachable one.
        field: the field, or what makes it of an entity's name.
        plugin: who gives it; the host fills it in.
        since: version of the plugin that has it first; the schema shows it.
    """

    entity: str
    field: f.Field | Callable[[str], f.Field]
    plugin: str = "core"
    since: str | None = None


class Entities(Mapping[str, Entity]):
    """Entities by name (`"customer"`), and the fields of each.

    Attributes:

        narrowings: conditions that plugins put on rows; the host fills it in.
        rules: row rules that were worked out, by what they depend on.

    Raises:

        SetupError: two entities with one name, a link to nowhere, two fields with one name, an order by no column: all of
            them in one message.
    """

    def __init__(self, entities: Iterable[Entity], added: Iterable[Added] = ()) -> None:
        self.narrowings = Narrowings()
        self.rules: Cache[Hashable, Any] = Cache(_RULES)
        self._by_name: dict[str, Entity] = {}
        self._givers: dict[tuple[str, str], Giver] = {}
        self._fields: dict[str, dict[str, f.Field]] = {}
        problems: list[str] = []
        for entity in entities:
            if (other := self._by_name.setdefault(entity.name, entity)) is not entity:
                problems.append(
                    f"Plugins {other.plugin!r} and {entity.plugin!r} both declare the entity {entity.name!r}; rename one."
                )
        for entity in self._by_name.values():
            self._fields[entity.name] = {}
            problems += _unordered(entity)
            for field in entity.own_fields:
                self._add(entity.name, field, Giver(entity.plugin, _since(entity, field)), problems)
        for target, feed in feeds(self._by_name, problems):
            owner = self._by_name[target]
            self._add(target, feed, Giver(owner.plugin, owner.since), problems)
        for extra in [*self._inverses(problems), *added]:
            for name in self.attachable if extra.entity == "*" else (extra.entity,):
                made = extra.field(name) if callable(extra.field) else extra.field
                self._add(name, made, Giver(extra.plugin, extra.since), problems)
        self._searched = searched(self._by_name, problems)
        self._sealed = any(entity.sealed for entity in self._by_name.values())
        if problems:
            raise SetupError("entities-conflict", problems)

    def __getitem__(self, name: str) -> Entity:
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._by_name)

    def __len__(self) -> int:
        return len(self._by_name)

    @property
    def attachable(self) -> tuple[str, ...]:
        """Names of the entities that `any_link` columns may point to, sorted."""
        return tuple(sorted(n for n, e in self._by_name.items() if e.attachable))

    @property
    def sealed(self) -> bool:
        """Whether any entity has columns that are stored sealed."""
        return self._sealed

    @property
    def searched(self) -> Mapping[str, tuple[Part, ...]]:
        """Under what the records of each entity are found that `search` can find."""
        return self._searched

    def fields(self, entity: str) -> Mapping[str, f.Field]:
        """Return an entity's fields by GraphQL name: its own, inverses of links to it, and what plugins add."""
        return self._fields[entity]

    def giver(self, entity: str, field: str) -> Giver:
        """Return the plugin that gives a field, and since which version."""
        return self._givers[entity, field]

    def of_table(self, table: type) -> Entity:
        """Return the entity a Piccolo table belongs to.

        Raises:

            KeyError: the table is no entity's.
        """
        return next(e for e in self._by_name.values() if e.table is table)

    def _add(self, entity: str, field: f.Field, giver: Giver, problems: list[str]) -> None:
        if entity not in self._fields:
            problems.append(
                f"Plugin {giver.plugin!r} adds {field.name!r} to {entity!r}, which no plugin declares; install the plugin that does."
            )
        elif field.name in self._fields[entity]:
            problems.append(
                f"Plugins {self._givers[entity, field.name].plugin!r} and {giver.plugin!r} both give {entity}.{field.name}; rename one."
            )
        else:
            self._fields[entity][field.name] = field
            self._givers[entity, field.name] = giver

    def _inverses(self, problems: list[str]) -> Iterator[Added]:
        for entity in list(self._by_name.values()):
            for column, said in entity.facts.items():
                if said.target is None:
                    continue
                if said.target != "*" and said.target not in self._by_name:
                    problems.append(f"{entity.name}.{column} links to {said.target!r}, which no plugin declares.")
                elif said.inverse:
                    targets = self.attachable if said.target == "*" else (said.target,)
                    for target in targets:
                        yield Added(target, _inverse(entity, column, target), entity.plugin, said.since or entity.since)


def _since(entity: Entity, field: f.Field) -> str | None:
    column = getattr(field, "column", None)
    return (column and entity.facts[column].since) or entity.since


def _unordered(entity: Entity) -> Iterator[str]:
    for column in (key.removeprefix("-") for key in entity.order):
        if column not in entity.facts:
            yield f"Plugin {entity.plugin!r} orders {entity.plural} by {column!r}, which is no column of {entity.tablename}; name one that is."


def _inverse(entity: Entity, column: str, target: str) -> f.Field:
    said = entity.facts[column]
    assert said.inverse is not None
    description = said.inverse_description or f"The {entity.plural} of this {target.replace('_', ' ')}."
    if said.target == "*":
        kind_column = f"{column.removesuffix('_id')}_type"

        def join(parent: str, child: str) -> str:
            return f"{child}.{column} = {parent}.id and {child}.{kind_column} = '{target}'"
    else:

        def join(parent: str, child: str) -> str:
            return f"{child}.{column} = {parent}.id"

    if said.one_to_one:
        return f.One(said.inverse, description, entity.name, join)
    return f.Many(said.inverse, description, entity.name, join)
