"""Why somebody may or may not do something with a record, in sentences that a person understands.

The decision itself is always the database's, made by `row_predicate` as for every other path; the sentences then say
which role, scope, token or guarding record led to it.
"""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from crmcore.access import held
from crmcore.access.actor import Actor, ActorType, Effect, Scope
from crmcore.access.bound import bound_rule
from crmcore.access.rights import HeldRole
from crmcore.access.rules import guarding, owners, reaches
from crmcore.database import Database, ids
from crmcore.entities.registry import Entities

__all__ = ["Explanation", "explain"]

_REACH = {
    Scope.ALL: "all records",
    Scope.TEAM: "their own records and those of their teams and sub-teams",
    Scope.OWN: "their own records",
}
_NARROWED = (
    "A plugin keeps records back from everybody, whatever their roles, for example while a person's data is restricted."
)
_EFFECTS = {Effect.HIDDEN: "is hidden from", Effect.MASKED: "is masked for", Effect.READ_ONLY: "cannot be changed by"}


@dataclass(frozen=True)
class Explanation:
    """What was decided and why.

    Attributes:

        allowed: whether the actor may do it.
        rule: what decided, for programs: `everything`, `inactive`, `absent`, `narrowed`, `guard:customer`, `token`, `none`
            (no role permits it), or `role:<key> <permission> <scope>`.
        sentences: what decided, for people.
    """

    allowed: bool
    rule: str
    sentences: list[str]


@dataclass(frozen=True)
class _Case:
    database: Database
    entities: Entities
    actor: Actor
    roles: list[HeldRole]
    entity: str
    id: UUID
    action: str

    @property
    def name(self) -> str:
        return self.actor.label

    @property
    def permission(self) -> str:
        return f"{self.entity}:{self.action}"


async def explain(
    database: Database, entities: Entities, actor: Actor, entity: str, id: UUID, action: str
) -> Explanation:
    """Say whether an actor may do something with a record, and why.

    A record the actor may not see is spoken of as if there were none: whether it exists is not said.

    Args:

        database: where.
        entities: all entities.
        actor: who would do it.
        entity: entity name.
        id: the record.
        action: one of `crmcore.access.actor.ACTIONS`.

    Raises:

        ValueError: there is no such action.
    """
    roles = await held.roles(database, actor.user_id) if actor.user_id is not None else []
    case = _Case(database, entities, actor, roles, entity, id, action)
    allowed = await _reaches(case, entity, id, action)
    if actor.access.everything:
        return await _of_everything(case, allowed)
    if actor.type is ActorType.USER and roles and not (actor.access.scopes or actor.access.permissions):
        return Explanation(False, "inactive", [f"{actor.label} is deactivated, so nothing is permitted."])
    guard = entities[entity].guarded_by
    found = await _of_guard(case, guard, allowed) if guard is not None else _of_roles(case, allowed)
    if not found.allowed and entities[entity].narrow is not None and reaches(entities, entity, action, actor.access):
        own = f"A {_words(entity)} has a rule of its own besides, which keeps some from people whose roles reach them."
        found = Explanation(False, found.rule, [*found.sentences, own])
    if not found.allowed and entities.narrowings and reaches(entities, entity, action, actor.access):
        found = Explanation(False, found.rule, [*found.sentences, _NARROWED])
    fields = _of_fields(case) if found.allowed and action in ("read", "update", "create", "export") else []
    return Explanation(found.allowed, found.rule, [*found.sentences, *fields])


async def _reaches(case: _Case, entity: str, id: UUID, action: str) -> bool:
    rule, values = bound_rule(case.entities, case.database.dialect, case.actor, entity, action, 2)
    sql = f"select 1 from {case.entities[entity].tablename} t where t.id = $1 and ({rule})"
    return await case.database.fetch_value(sql, id, *values) is not None


async def _of_everything(case: _Case, allowed: bool) -> Explanation:
    if not allowed:
        sql = f"select 1 from {case.entities[case.entity].tablename} where id = $1"
        if case.entities.narrowings and await case.database.fetch_value(sql, case.id) is not None:
            no = f"{case.name} may not {case.action} {ids.encode(case.entity, case.id)}."
            return Explanation(False, "narrowed", [no, _NARROWED])
        return Explanation(False, "absent", [f"There is no record {ids.encode(case.entity, case.id)}."])
    names = [role.name for role in case.roles if role.everything]
    why = f"The role {names[0]} permits everything." if names else "The CRM itself may do everything."
    return Explanation(True, "everything", [f"{case.name} may {case.action} this {_words(case.entity)}.", why])


def _of_roles(case: _Case, allowed: bool) -> Explanation:
    scope = case.actor.access.scope(case.entity, case.action)
    giving = [
        role for role in case.roles if role.everything or role.permissions.get(case.permission, Scope.NONE) > Scope.NONE
    ]
    if scope is Scope.NONE:
        return _not_permitted(case, giving)
    role = next((r for r in giving if r.everything or r.permissions[case.permission] >= scope), None)
    key, title = (role.key, f"The role {role.name}") if role else ("?", "A role")
    wide = scope is Scope.ALL or not owners(case.entities[case.entity])
    reach = _REACH[Scope.ALL if wide else scope]
    rule = f"role:{key} {case.permission} {scope.name}"
    given = f"{title} gives {case.name} {case.permission} for {reach}."
    if allowed:
        return Explanation(True, rule, [f"{case.name} may {case.action} this {_words(case.entity)}.", given])
    shown = ids.encode(case.entity, case.id)
    return Explanation(
        False,
        rule,
        [
            f"{case.name} may not {case.action} {shown}.",
            given,
            f"{shown} is not among them, or there is no such record.",
        ],
    )


def _not_permitted(case: _Case, giving: list[HeldRole]) -> Explanation:
    no = f"{case.name} may not {case.action} {ids.encode(case.entity, case.id)}."
    if giving and case.actor.type is ActorType.TOKEN:
        why = f"The role {giving[0].name} gives {case.permission}, and the token is limited to other things."
        return Explanation(False, "token", [no, why])
    names = ", ".join(role.name for role in case.roles) or "none"
    why = f"None of their roles ({names}) gives {case.permission}; a role that gives it is what is missing."
    return Explanation(False, "none", [no, why])


async def _of_guard(case: _Case, link: str, allowed: bool) -> Explanation:
    target = case.entities[case.entity].facts[link].target
    action = guarding(case.action)
    follows = f"A {_words(case.entity)} follows the record it belongs to: who may {action} that may {case.action} this."
    above = await _above(case, link, target)
    if above is None:
        no = f"{case.name} may not {case.action} {ids.encode(case.entity, case.id)}: it is not among what they reach, or there is no such record."
        return Explanation(False, "guard", [no, follows])
    name, id = above
    there = await explain(case.database, case.entities, case.actor, name, id, action)
    first = f"{case.name} {'may' if allowed else 'may not'} {case.action} {ids.encode(case.entity, case.id)}."
    return Explanation(allowed, f"guard:{name} {there.rule}", [first, follows, *there.sentences])


async def _above(case: _Case, link: str, target: str | None) -> tuple[str, UUID] | None:
    kind = f"t.{link.removesuffix('_id')}_type" if target == "*" else f"'{target}'"
    sql = f"select {kind}, t.{link} from {case.entities[case.entity].tablename} t where t.id = $1"
    rows = await case.database.fetch(sql, case.id)
    if not rows or rows[0][1] is None or rows[0][0] not in case.entities:
        return None
    name, id = rows[0]
    # What the record belongs to is named only to those who may see it.
    return (name, id) if await _reaches(case, name, id, "read") else None


def _of_fields(case: _Case) -> list[str]:
    found = []
    for (entity, field), effect in sorted(case.actor.access.effects.items()):
        if entity != case.entity or (case.action in ("read", "export") and effect is Effect.READ_ONLY):
            continue
        by = [role.name for role in case.roles if role.rule(case.entities, entity, field) is not None]
        found.append(f"The field {field} {_EFFECTS[effect]} {case.name} by the role {', '.join(by)}.")
    return found


def _words(entity: str) -> str:
    return entity.replace("_", " ")
