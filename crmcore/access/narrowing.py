"""What a token's scopes leave of its owner's rights: `*`, `customer:read`, `*:read`, `deal:*`, `loyalty.award`.

A scope never gives anything: it lets through what the owner has at the time of use. Records that follow others follow
them here too, so `customer:read` lets through a customer's contact points.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable

from crmcore.access.actor import ACTIONS, Access, Scope
from crmcore.entities.registry import Entities
from crmcore.errors import Violation

__all__ = ["EVERY_RIGHT", "lets_through", "narrowed", "scope_violations"]

#: The scope of a token that may do all its owner may.
EVERY_RIGHT = "*"


def narrowed(access: Access, scopes: Collection[str], entities: Entities, permissions: Iterable[str]) -> Access:
    """Return what is left of an access.

    Args:

        access: the owner's.
        scopes: the token's.
        entities: all entities, for owners who may do everything.
        permissions: all permissions that are not about rows, likewise.
    """
    if EVERY_RIGHT in scopes:
        return access
    held, others = access.scopes, access.permissions
    if access.everything:
        held = {f"{entity}:{action}": Scope.ALL for entity in entities for action in ACTIONS}
        others = frozenset(permissions)
    return Access(
        scopes={name: scope for name, scope in held.items() if lets_through(scopes, name)},
        effects=access.effects,
        permissions=frozenset(name for name in others if lets_through(scopes, name)),
        roles=access.roles,
    )


def lets_through(scopes: Iterable[str], wanted: str) -> bool:
    """Say whether scopes let a permission through, or all of what another scope lets through."""
    return any(_covers(scope, wanted) for scope in scopes)


def _covers(scope: str, wanted: str) -> bool:
    if scope in (EVERY_RIGHT, wanted):
        return True
    entity, colon, action = scope.partition(":")
    wanted_entity, wanted_colon, wanted_action = wanted.partition(":")
    if not colon or not wanted_colon:
        return False
    return entity in ("*", wanted_entity) and action in ("*", wanted_action)


def scope_violations(scopes: Collection[str], entities: Entities, permissions: Collection[str]) -> list[Violation]:
    """List what is wrong with a token's scopes."""
    if not scopes:
        return [Violation("scopes", "REQUIRED", "A token needs scopes; give * for all that its owner may do.")]
    return [
        Violation(
            f"scopes.{index}",
            "UNKNOWN_PERMISSION",
            f"{scope[:80]!r} is no scope; write for example *, customer:read, *:read, deal:*, or a plugin's permission.",
        )
        for index, scope in enumerate(scopes)
        if not _is_scope(scope, entities, permissions)
    ]


def _is_scope(scope: str, entities: Entities, permissions: Collection[str]) -> bool:
    entity, colon, action = scope.partition(":")
    if not colon:
        return scope == EVERY_RIGHT or scope in permissions
    return (entity == "*" or entity in entities) and (action == "*" or action in ACTIONS)
