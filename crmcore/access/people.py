"""The rules of users, teams and memberships: called for every write of one, whatever the door."""

from __future__ import annotations

from uuid import UUID

from crmcore.access import sessions, state, tokens
from crmcore.access.administrators import keep_one
from crmcore.entities.change import Change
from crmcore.entities.work import Work

__all__ = ["normal_email", "prepare_membership", "prepare_team", "prepare_user"]


def normal_email(email: str) -> str:
    """Return an e-mail address as accounts are known by: case does not tell people apart."""
    return email.strip().lower()


async def prepare_user(work: Work, change: Change) -> None:
    """A person who is deactivated or deleted is out at once; addresses are kept in lower case."""
    if isinstance(email := change.values.get("email"), str):
        change.values["email"] = normal_email(email)
    if change.kind in ("delete", "destroy") or (change.kind == "update" and change.changed("is_active")):
        await state.changed(work.database)
        if not change.get("is_active") or change.kind != "update":
            await keep_one(work, change, "user", change.id)
            await sessions.end_all(work.database, change.id)
            await tokens.revoke_all(work.database, change.id)


async def prepare_team(work: Work, change: Change) -> None:
    """Teams form trees."""
    if change.kind != "create" and (change.kind != "update" or change.changed("parent_id")):
        await state.changed(work.database)
    if (
        change.kind == "update"
        and change.changed("parent_id")
        and await _is_below(work, change.get("parent_id"), change.id)
    ):
        change.refuse("parent_id", "CIRCLE", "A team cannot be part of itself or of one of its sub-teams.")


async def prepare_membership(work: Work, _: Change) -> None:
    """Who is in which team decides what they reach."""
    await state.changed(work.database)


async def _is_below(work: Work, team: UUID | None, above: UUID) -> bool:
    seen: set[UUID] = set()
    while team is not None and team not in seen:
        if team == above:
            return True
        seen.add(team)
        team = await work.database.fetch_value("select parent_id from crm_team where id = $1", team)
    return False
