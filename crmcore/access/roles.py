"""The rules of roles, permissions, field rules and assignments: called for every write of one, whatever the door.

Nobody gives what they do not have: a role is given, and a permission added to one, only by somebody who holds at least
that much; a field rule one is under oneself is not to be loosened.
"""

from __future__ import annotations

import re

from crmcore.access import held, state
from crmcore.access.actor import ACTIONS, Effect, Scope
from crmcore.access.administrators import keep_one
from crmcore.access.rights import covers, same_column
from crmcore.access.rules import owners
from crmcore.entities import fields as f
from crmcore.entities.change import Change
from crmcore.entities.kinds import TEXT
from crmcore.entities.registry import Entities
from crmcore.entities.work import Work

__all__ = ["prepare_assignment", "prepare_field_rule", "prepare_permission", "prepare_role"]

_KEY = re.compile(r"[a-z][a-z0-9-]{0,39}")


async def prepare_role(work: Work, change: Change) -> None:
    """Roles have keys for scripts; everything is given by those who have it."""
    await state.changed(work.database)
    if change.changed("key") and not _KEY.fullmatch(str(change.get("key"))):
        message = "A role's key starts with a letter and holds lower-case letters, digits and dashes, 40 at most."
        change.refuse("key", "MALFORMED", message)
    gives = change.kind == "restore" or change.changed("everything")
    if gives and change.get("everything") and not work.actor.access.everything:
        change.refuse("everything", "MORE_THAN_YOURS", "Only somebody who may do everything can let others do so.")
    if change.kind in ("delete", "destroy") or (change.kind == "update" and not change.get("everything")):
        await keep_one(work, change, "role", change.id)


async def prepare_assignment(work: Work, change: Change) -> None:
    """A role is given by somebody who may do at least as much."""
    await state.changed(work.database)
    if change.kind in ("create", "update", "restore"):
        role = await held.role(work.database, change.get("role_id"))
        if role is not None and not covers(work.actor.access, role.access):
            message = f"The role {role.name} permits more than you may do yourself; ask somebody who may."
            change.refuse("role_id", "MORE_THAN_YOURS", message)
    if change.kind in ("delete", "destroy") or change.kind == "update":
        await keep_one(work, change, "assignment", change.id)


async def prepare_permission(work: Work, change: Change) -> None:
    """A permission names something that exists, with a scope that means something for it."""
    await state.changed(work.database)
    if change.kind in ("delete", "destroy"):
        return
    permission, scope = str(change.get("permission")), Scope.__members__.get(str(change.get("scope")))
    if (fault := _permission_fault(work, permission)) is not None:
        change.refuse("permission", "UNKNOWN_PERMISSION", fault)
    elif scope in (Scope.OWN, Scope.TEAM) and not _has_owner(work.entities, permission):
        message = f"{permission} is not about records that somebody owns; its scope is ALL or NONE."
        change.refuse("scope", "NO_OWNER", message)
    elif scope is not None and not _may_give(work, permission, scope):
        message = f"You do not have {permission} with scope {scope.name} yourself; ask somebody who has."
        change.refuse("permission", "MORE_THAN_YOURS", message)


async def prepare_field_rule(work: Work, change: Change) -> None:
    """A field rule names a field that exists, and can have that effect on it."""
    await state.changed(work.database)
    entity, name = str(change.get("entity")), str(change.get("field"))
    if change.kind in ("update", "delete", "destroy") and work.actor.access.effect(
        str(change.was("entity")), str(change.was("field"))
    ):
        change.refuse(
            "field", "MORE_THAN_YOURS", "You are under a rule on this field yourself; ask somebody who is not."
        )
    if change.kind in ("delete", "destroy"):
        return
    if entity not in work.entities:
        change.refuse(
            "entity", "UNKNOWN_ENTITY", f"There is no entity {entity!r}; there are {', '.join(work.entities)}."
        )
    elif name not in work.entities.fields(entity):
        change.refuse("field", "UNKNOWN_FIELD", f"{work.entities[entity].type_name} has no field {name!r}.")
    elif (effect := Effect.__members__.get(str(change.get("effect")))) is not None:
        every = [work.entities.fields(entity)[same] for same in same_column(work.entities, entity, name)]
        if fault := next((f"{field.name} {fault}" for field in every if (fault := _effect_fault(field, effect))), None):
            change.refuse("effect", "IMPOSSIBLE", fault)


def _permission_fault(work: Work, permission: str) -> str | None:
    entity, colon, action = permission.partition(":")
    if not colon:
        known = work.registries.keys("permissions")
        if permission in known:
            return None
        return (
            f"No plugin has a permission {permission!r}; write entity:action, or one of: {', '.join(known) or 'none'}."
        )
    if entity not in work.entities:
        return f"There is no entity {entity!r}; there are {', '.join(work.entities)}."
    if action not in ACTIONS:
        return f"There is no action {action!r}; there are {', '.join(ACTIONS)} (restoring is delete)."
    if (guard := work.entities[entity].guarded_by) is not None:
        target = work.entities[entity].facts[guard].target
        above = "the record it is attached to" if target == "*" else f"its {target}"
        return f"{entity} has no permissions of its own, it follows {above}; permit that."
    return None


def _has_owner(entities: Entities, permission: str) -> bool:
    entity, colon, _ = permission.partition(":")
    return bool(colon) and bool(owners(entities[entity]))


def _may_give(work: Work, permission: str, scope: Scope) -> bool:
    entity, colon, action = permission.partition(":")
    access = work.actor.access
    return scope is Scope.NONE or (access.scope(entity, action) >= scope if colon else access.may(permission))


def _effect_fault(field: f.Field, effect: Effect) -> str | None:
    if isinstance(field, f.Many | f.Feed):
        return "is a list of records; it goes by the permission to read those."
    null = getattr(field, "null", not isinstance(field, f.Stamp))
    if effect is Effect.HIDDEN and not null:
        return "is never empty, so it cannot be hidden; mask it if it is a text."
    if effect is Effect.MASKED and not null and getattr(field, "kind", None) is not TEXT:
        return "is never empty and no text, so it cannot be masked."
    if effect is Effect.READ_ONLY and not isinstance(field, (f.Scalar, f.Money, f.One)):
        return "is not written by anybody, so it needs no such rule."
    return None
