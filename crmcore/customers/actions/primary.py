"""One record of a group is the first choice: choosing another unchooses it."""

from __future__ import annotations

from crmcore.entities import actions
from crmcore.entities.change import Change
from crmcore.entities.work import Work

__all__ = ["only_one"]


async def only_one(work: Work, change: Change, flag: str, within: tuple[str, ...]) -> None:
    """Take a flag from the live record that has it, if the change gives it to another one.

    The entity has a partial unique index on the same columns, which decides between two that choose at the same moment.

    Args:

        work: the unit of work.
        change: what is about to be written.
        flag: the boolean column of which one record may have it.
        within: columns that records of one group have in common.
    """
    if change.kind in ("delete", "destroy") or change.violations or not change.get(flag):
        return
    if change.kind == "update" and not any(change.changed(column) for column in (flag, *within)):
        return
    for other in await work.find(change.entity.name, **{flag: True}, **{c: change.get(c) for c in within}):
        if other["id"] != change.id:
            await actions.update(work, change.entity.name, other["id"], {flag: False})
