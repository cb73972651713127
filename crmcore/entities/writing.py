"""Write what a lot has held back: new rows first, then changes, then how records are found, and what the actor's rules say."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from uuid import UUID

from crmcore.entities import many
from crmcore.entities.entity import Entity
from crmcore.entities.pending import Group
from crmcore.entities.searched import Part
from crmcore.entities.store import Row
from crmcore.search import keeping
from crmcore.search.entry import terms_of

if TYPE_CHECKING:
    from crmcore.entities.work import Work

__all__ = ["Broken", "Held", "write"]


class Broken(Exception):
    """The database refuses something of a lot, or what was written already would have to go: do it in smaller lots."""


@dataclass(slots=True)
class Held:
    """What is held back beside new rows.

    Attributes:

        changes: columns of rows that are there, by entity and id.
        found: records whose entries in the index of search are to be renewed, by entity.
        unchecked: new rows of which the actor's rules have to be asked, by entity.
    """

    changes: dict[str, dict[UUID, Row]] = field(default_factory=dict)
    found: dict[str, dict[UUID, None]] = field(default_factory=dict)
    unchecked: dict[str, dict[UUID, None]] = field(default_factory=dict)

    def __bool__(self) -> bool:
        return any(map(any, (self.changes.values(), self.found.values(), self.unchecked.values())))


async def write(work: Work, groups: Sequence[Group], held: Held) -> None:
    """Write new rows and what else is held back.

    Raises:

        Broken: the actor's rules do not reach all of the rows.
        UniqueViolation, ReferenceViolation, Invalid: the database refuses some of it.
    """
    for group in groups:
        await _insert(work, group, groups, held.found.get(group.entity.name, {}))
    for name, changed in held.changes.items():
        await many.change_many(work.database, work.entities[name], changed)
    for name, ids in held.found.items():
        await keeping.refresh(work.database, work.entities, name, ids)
    for name, ids in held.unchecked.items():
        await _check(work, work.entities[name], list(ids))


async def _insert(work: Work, group: Group, groups: Sequence[Group], found: dict[UUID, None]) -> None:
    # All that a new record is found under is new as well, so nothing need be read.
    new = [id for id in found if id in group.rows]
    entries = _entries(work, group.entity, new, groups) if new else None
    await many.insert_many(work.database, group.entity, list(group.rows.values()), entries=entries)
    for id in new:
        del found[id]


def _entries(work: Work, entity: Entity, ids: Sequence[UUID], groups: Sequence[Group]) -> Mapping[UUID, str]:
    under: dict[UUID, list[tuple[Part, Row]]] = {id: [] for id in ids}
    for part in work.entities.searched[entity.name]:
        link = part.link or "id"
        for group in groups:
            for row in group.rows.values() if group.entity is part.entity else ():
                if row[link] in under and (part.link is None or row.get("deleted_at") is None):
                    under[row[link]].append((part, row))
    return {id: terms_of(rows) for id, rows in under.items()}


async def _check(work: Work, entity: Entity, ids: list[UUID]) -> None:
    condition, values = work.predicate(entity, "create", start=2)
    if await many.count(work.database, entity, ids, condition, values) != len(ids):
        raise Broken
