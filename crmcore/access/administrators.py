"""Somebody must always be able to do everything: the last active administrator stays one."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

from crmcore.entities.change import Change
from crmcore.entities.work import Work

__all__ = ["keep_one"]

_ADMINISTRATORS = """
    select u.id as "user", a.id as assignment, r.id as role
    from crm_role_assignment a join crm_user u on u.id = a.user_id join crm_role r on r.id = a.role_id
    where u.is_active and u.deleted_at is null and a.deleted_at is null and r.deleted_at is null and r.everything
"""


async def keep_one(work: Work, change: Change, part: Literal["user", "assignment", "role"], id: UUID) -> None:
    """Speak against a change that takes a user, an assignment or a role from the last active administrator.

    `state.changed` must have been called before: it makes such changes wait for each other.
    """
    rows = await work.rows(_ADMINISTRATORS)
    losing = [row for row in rows if row[part] == id]
    if losing and len(losing) == len(rows):
        message = "This would leave nobody who may do everything; give an administrator's role to somebody else first."
        change.refuse("id", "LAST_ADMINISTRATOR", message)
