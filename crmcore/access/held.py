"""Which roles and teams somebody has, read from the database."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from crmcore.access.actor import Effect, Scope
from crmcore.access.rights import HeldRole
from crmcore.database import Database

__all__ = ["role", "roles", "teams"]

_ROLES_OF_USER = """
    select r.id, r.key, r.name, r.everything from crm_role r
    where r.deleted_at is null and r.id in (
        select a.role_id from crm_role_assignment a where a.user_id = $1 and a.deleted_at is null)
    order by r.key
"""
_ROLE = "select r.id, r.key, r.name, r.everything from crm_role r where r.id = $1"

#: A person in a team reaches its sub-teams; a circle, should one exist, ends where it meets itself.
_TEAMS = """
    select t.id from crm_team t where t.id in (
        with recursive mine(id) as (
            select m.team_id from crm_team_membership m join crm_team own on own.id = m.team_id
            where m.user_id = $1 and m.deleted_at is null and own.deleted_at is null
            union
            select sub.id from crm_team sub join mine on sub.parent_id = mine.id where sub.deleted_at is null)
        select id from mine)
    order by t.id
"""


async def roles(database: Database, user_id: UUID) -> list[HeldRole]:
    """Read the live roles of a person."""
    return [await _held(database, row) for row in await database.fetch(_ROLES_OF_USER, user_id)]


async def role(database: Database, role_id: UUID) -> HeldRole | None:
    """Read one role, deleted or not; None if there is none."""
    rows = await database.fetch(_ROLE, role_id)
    return await _held(database, rows[0]) if rows else None


async def teams(database: Database, user_id: UUID) -> tuple[UUID, ...]:
    """Read the ids of a person's live teams and of all teams below them."""
    return tuple(row[0] for row in await database.fetch(_TEAMS, user_id))


async def _held(database: Database, row: tuple[Any, ...]) -> HeldRole:
    role_id, key, name, everything = row
    permissions = await database.fetch(
        "select permission, scope from crm_role_permission where role_id = $1 and deleted_at is null", role_id
    )
    rules = await database.fetch(
        "select entity, field, effect from crm_field_rule where role_id = $1 and deleted_at is null", role_id
    )
    return HeldRole(
        key,
        name,
        bool(everything),
        {permission: Scope[scope] for permission, scope in permissions},
        {(entity, field): Effect[effect] for entity, field, effect in rules},
    )
