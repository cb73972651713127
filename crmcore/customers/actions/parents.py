"""The tree of organisations: nobody is part of themselves, however many change it at once."""

from __future__ import annotations

from uuid import UUID

from crmcore.customers.actions.claim import claim
from crmcore.entities.change import Change
from crmcore.entities.work import Work

__all__ = ["check_parent"]

# `union` ends at a record seen before, so that even a circle would be read once. Deleted records count: they may be restored.
_LINE = """
with recursive line (id, parent_id) as (
    select id, parent_id from customer where id = $1
    union
    select c.id, c.parent_id from customer c join line l on c.id = l.parent_id
)
select c.id from customer c join line l on c.id = l.id
"""


async def check_parent(work: Work, change: Change) -> None:
    """Note a violation if a new parent is no organisation, or is below the record itself."""
    parent = change.get("parent_id")
    if not change.changed("parent_id") or parent is None:
        return
    found = await work.find("customer", id=parent)
    if not found:
        return  # noted as an unknown reference already
    if change.get("kind") != "ORGANIZATION" or found[0]["kind"] != "ORGANIZATION":
        message = "Only an organisation can be part of another one; for a person, make a CustomerRelation EMPLOYED_BY."
        change.refuse("parent_id", "NOT_AN_ORGANIZATION", message)
    elif change.id in await _line_upwards(work, change.id, parent):
        message = f"{found[0]['display_name']} is this customer or a part of it; choose a parent outside of it."
        change.refuse("parent_id", "CIRCLE", message)


async def _line_upwards(work: Work, start: UUID, parent: UUID) -> set[UUID]:
    # Whoever closes a circle at the same moment changes a record of this line: so one of the two is run again, and sees it.
    line = {UUID(str(row["id"])) for row in await work.rows(_LINE, parent)}
    await claim(work, "customer", line - {start})
    return line
