"""What a record's links point to must exist, and be known to the actor; what is destroyed leaves no link behind."""

from __future__ import annotations

from uuid import UUID

from crmcore.database import ids
from crmcore.entities.change import Change
from crmcore.entities.checks import is_trusted
from crmcore.entities.entity import Entity, camel
from crmcore.entities.work import Work

__all__ = ["cut_loose", "resolve_links"]


async def resolve_links(work: Work, change: Change) -> None:
    """Note a violation for every changed link that leads to no live record the actor may see.

    Which of the two it is stays unsaid, so that ids cannot be probed. The targets are locked against being destroyed
    by the database's own foreign keys.
    """
    for column, said in change.entity.facts.items():
        if said.target is None or not change.changed(column) or change.values[column] is None:
            continue
        target = said.target if said.target != "*" else change.get(f"{column.removesuffix('_id')}_type")
        if said.target == "*" and target not in work.entities.attachable:
            known = ", ".join(work.entities.attachable)
            change.refuse(column, "WRONG_ID_TYPE", f"{camel(column)} must be the id of one of: {known}.")
        elif not await _is_known(work, work.entities[target], change.values[column]):
            shown = ids.encode(target, change.values[column])
            change.refuse(
                column, "UNKNOWN_REFERENCE", f"{camel(column)}: there is no {target} {shown}, or you may not see it."
            )


async def _is_known(work: Work, target: Entity, id: UUID) -> bool:
    # A batch links to the same few users, stages and pipelines again and again.
    if (target.name, id) not in work.known:
        if not await _is_there(work, target, id):
            return False
        work.known.add((target.name, id))
    return True


async def _is_there(work: Work, target: Entity, id: UUID) -> bool:
    predicate, values = work.predicate(target, "read", start=2)
    if is_trusted(work.actor):
        predicate, values = "1 = 1", []
    live = " and t.deleted_at is null" if target.soft_delete else ""
    sql = f"select 1 from {target.tablename} t where t.id = $1 and ({predicate}){live}"
    return await work.database.fetch_value(sql, id, *values) is not None


async def cut_loose(work: Work, entity: Entity, id: UUID) -> None:
    """Remove or empty the any-links to a record that is about to be destroyed; no foreign key does that."""
    if not entity.attachable:
        return
    for other in work.entities.values():
        for column, said in other.facts.items():
            if said.target == "*":
                kind_column = f"{column.removesuffix('_id')}_type"
                where = f"where {column} = $1 and {kind_column} = $2"
                if said.null:
                    sql = f"update {other.tablename} set {column} = null, {kind_column} = null, version = version + 1 {where}"
                else:
                    sql = f"delete from {other.tablename} {where}"
                await work.database.execute(sql, id, entity.name)
