"""Which records go with one that is destroyed, as the database and `cut_loose` let them go."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from crmcore.database.declared import on_delete_of
from crmcore.entities.entity import Entity
from crmcore.entities.registry import Entities

__all__ = ["going"]


def going(entities: Entities, entity: Entity, ids: str, path: Sequence[str] = ()) -> Iterator[tuple[Entity, str]]:
    """Yield the entities whose records go when records of one are destroyed, that one first, and SQL for the ids.

    Args:

        entities: all of them.
        entity: whose records are destroyed.
        ids: SQL for their ids.
        path: names of the entities on the way here.
    """
    yield entity, ids
    for other in entities.values():
        if other.name in (*path, entity.name):
            continue
        for column, condition in _hanging(other, entity):
            inside = f"select id from {other.tablename} where {column} in ({ids}){condition}"
            yield from going(entities, other, inside, (*path, entity.name))


def _hanging(other: Entity, target: Entity) -> Iterator[tuple[str, str]]:
    on_delete = on_delete_of(other.table)
    for column, said in other.facts.items():
        if said.target == target.name and on_delete[column] == "CASCADE":
            yield column, ""
        elif said.target == "*" and target.attachable and not said.null:
            yield column, f" and {column.removesuffix('_id')}_type = '{target.name}'"
