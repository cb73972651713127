"""What `search` looks into: an entity's own columns, and those of records that are found as it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from crmcore.entities.entity import Entity, camel
from crmcore.entities.kinds import TEXT

__all__ = ["Part", "searched"]


@dataclass(frozen=True, slots=True)
class Part:
    """Columns under which an entity's records are found.

    Attributes:

        entity: whose columns they are.
        columns: texts; sealed ones are left out, since the index would tell what they hold.
        link: the column that leads to the record that is found; None if they are its own.
    """

    entity: Entity
    columns: tuple[str, ...]
    link: str | None = None

    @classmethod
    def of(cls, entity: Entity, link: str | None = None) -> Part:
        """Return what an entity says it is searched by."""
        return cls(entity, tuple(column for column, _ in entity.indexed), link)

    def prose(self, column: str) -> bool:
        """Say whether a column holds sentences, of which the words count and not how they begin."""
        return self.entity.facts[column].form == "text"

    def shown(self, column: str) -> str:
        """Return how answers name a column: `displayName`, `contactPoints.value`."""
        if self.link is None:
            return camel(column)
        return f"{self.entity.facts[self.link].inverse or self.entity.plural}.{camel(column)}"


def searched(entities: Mapping[str, Entity], problems: list[str]) -> dict[str, tuple[Part, ...]]:
    """Return what each entity that can be found is found under, its own columns first.

    Args:

        entities: all entities.
        problems: what is wrong is added here.
    """
    parts: dict[str, list[Part]] = {}
    for entity in entities.values():
        if not entity.searched:
            continue
        if wrong := list(_wrongs(entity)):
            problems += wrong
        elif entity.found_as is None:
            parts.setdefault(entity.name, []).insert(0, Part.of(entity))
        elif target := entity.facts[entity.found_as].target:
            parts.setdefault(target, []).append(Part.of(entity, entity.found_as))
    return {name: tuple(parts[name]) for name in entities if name in parts}


def _wrongs(entity: Entity) -> Iterator[str]:
    who = f"Plugin {entity.plugin!r} has {entity.plural} searched"
    for column in entity.searched:
        if column not in entity.facts or entity.facts[column].kind is not TEXT:
            yield f"{who} by {column!r}, which is no text column of {entity.tablename}; name one that is."
    link = entity.found_as
    if link is not None and (link != entity.guarded_by or entity.facts[link].target in (None, "*") or entity.narrow):
        yield f"{who} and found as {link!r}; that must be its guarded_by, lead to one entity, and be all that narrows who sees them."
