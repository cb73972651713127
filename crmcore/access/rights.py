"""From the roles somebody has to what they may do.

Several roles add up. The widest scope wins. A field rule that hides or masks counts only if every role that lets one
read the entity has one, and then the mildest; a field is read-only if every role that lets one write the entity says so.
A rule on `customerId` is one on `customer` as well: both show the same column. A value computed from columns needs a
rule of its own.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from crmcore.access.actor import EVERYTHING, Access, Effect, Scope
from crmcore.access.rules import reaches
from crmcore.entities.registry import Entities

__all__ = ["HeldRole", "combined", "covers", "same_column"]


@dataclass(frozen=True)
class HeldRole:
    """A role somebody has.

    Attributes:

        key: its name in scripts.
        name: its name for people.
        everything: whether it gives all rights.
        permissions: scope by permission text.
        rules: effect by entity and field in GraphQL spelling.
    """

    key: str
    name: str
    everything: bool = False
    permissions: Mapping[str, Scope] = field(default_factory=dict)
    rules: Mapping[tuple[str, str], Effect] = field(default_factory=dict)

    @property
    def access(self) -> Access:
        """What the role alone permits, field rules aside."""
        return EVERYTHING if self.everything else _permitted((self,))

    def rule(self, entities: Entities, entity: str, field_name: str) -> Effect | None:
        """Return the role's strictest rule on the column behind a field."""
        found = [e for name in same_column(entities, entity, field_name) if (e := self.rules.get((entity, name)))]
        return max(found, default=None)


def combined(entities: Entities, roles: Sequence[HeldRole]) -> Access:
    """Add roles up."""
    keys = frozenset(role.key for role in roles)
    if any(role.everything for role in roles):
        return Access(everything=True, roles=keys)
    permitted = _permitted(roles)
    effects = dict(_effects(entities, roles))
    return Access(scopes=permitted.scopes, effects=effects, permissions=permitted.permissions, roles=keys)


def covers(wider: Access, narrower: Access) -> bool:
    """Say whether one may do at least what the other may, field rules aside."""
    if wider.everything or narrower.everything:
        return wider.everything
    within = all(wider.scopes.get(name, Scope.NONE) >= scope for name, scope in narrower.scopes.items())
    return within and narrower.permissions <= wider.permissions


def same_column(entities: Entities, entity: str, field_name: str) -> tuple[str, ...]:
    """Return the names of all fields that show the same column as a field, itself among them."""
    if entity not in entities or (given := entities.fields(entity).get(field_name)) is None:
        return (field_name,)
    column = getattr(given, "column", None)
    if column is None:
        return (field_name,)
    return tuple(name for name, other in entities.fields(entity).items() if getattr(other, "column", None) == column)


def _permitted(roles: Iterable[HeldRole]) -> Access:
    scopes: dict[str, Scope] = {}
    permissions: set[str] = set()
    for role in roles:
        for name, scope in role.permissions.items():
            if ":" in name:
                scopes[name] = max(scope, scopes.get(name, Scope.NONE))
            elif scope is not Scope.NONE:
                permissions.add(name)
    return Access(scopes=scopes, permissions=frozenset(permissions))


def _effects(entities: Entities, roles: Sequence[HeldRole]) -> Iterable[tuple[tuple[str, str], Effect]]:
    named = {(entity, field_name) for role in roles for entity, field_name in role.rules if entity in entities}
    every = {(entity, name) for entity, given in named for name in same_column(entities, entity, given)}
    for entity, name in sorted(every):
        effect = _effect(entities, roles, entity, name)
        if effect is not None:
            yield (entity, name), effect


def _effect(entities: Entities, roles: Sequence[HeldRole], entity: str, name: str) -> Effect | None:
    def mildest(able: Callable[[HeldRole], bool]) -> Effect | None:
        rules = [role.rule(entities, entity, name) for role in roles if able(role)]
        return None if None in rules else min((r for r in rules if r is not None), default=None)

    shown = mildest(lambda role: reaches(entities, entity, "read", role.access))
    if shown is not None and shown >= Effect.MASKED:
        return shown
    written = mildest(lambda role: any(reaches(entities, entity, a, role.access) for a in ("create", "update")))
    return None if written is None else Effect.READ_ONLY
