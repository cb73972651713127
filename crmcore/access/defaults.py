"""The roles a new CRM starts with: admin, manager, sales, viewer.

An installation changes them as it likes. When a plugin brings new entities, the default roles that are still there get
their rights on those, once, and likewise when a release brings a permission that everybody who works here should have; what was taken from a role is never given back.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from crmcore.access import state
from crmcore.access.actor import Scope
from crmcore.access.permissions import INTROSPECT
from crmcore.access.rules import owners
from crmcore.entities import actions
from crmcore.entities.entity import Entity
from crmcore.entities.registry import Entities
from crmcore.entities.work import Work

__all__ = ["ensure_default_roles"]

#: Everybody who may do anything knows who works here; roles and what they permit are for administrators.
_COLLEAGUES = ("user", "team")
_ADMINISTRATIVE = ("role", "webhook_endpoint")
#: People who work here may know what the API offers; roles for anybody else are made by hand and lack it.
_EVERYBODY = (INTROSPECT,)


@dataclass(frozen=True)
class _Default:
    key: str
    name: str
    description: str
    #: On entities that have owners, and on those that have none.
    owned: Mapping[str, Scope] = field(default_factory=dict)
    common: Mapping[str, Scope] = field(default_factory=dict)
    everything: bool = False


_READ = {"read": Scope.ALL}
_DEFAULTS = (
    _Default("admin", "Administrator", "May do everything, whatever plugins add.", everything=True),
    _Default(
        "manager",
        "Manager",
        "Works with the records of their teams and sub-teams, and may export them.",
        dict.fromkeys(("read", "create", "update", "delete", "export"), Scope.TEAM),
        {**_READ, "export": Scope.ALL},
    ),
    _Default(
        "sales",
        "Sales",
        "Works with their own records.",
        dict.fromkeys(("read", "create", "update", "delete"), Scope.OWN),
        _READ,
    ),
    _Default("viewer", "Viewer", "Reads everything but roles, and changes nothing.", _READ, _READ),
)


async def ensure_default_roles(work: Work) -> None:
    """Make the default roles of a new CRM, or give those that are left their rights on entities that are new.

    Run it as the system. It is safe to run at every start, and in several processes at once: every write of a role
    waits for the others' (see `state.py`), so the second process starts over and finds nothing to do.
    """
    offered = await _offered(work)
    everybody = [name for name in _EVERYBODY if name in work.registries.keys("permissions")]
    if {*work.entities, *everybody} <= offered:
        return
    for default in _DEFAULTS:
        role_id = await (_existing(work, default) if offered else _made(work, default))
        if role_id is not None:
            for permission, scope in _permissions(work.entities, default, offered, everybody):
                await _permit(work, role_id, permission, scope)
    known = json.dumps(sorted({*offered, *work.entities, *everybody}))
    await work.database.execute("update crm_access_state set offered = $2 where id = $1", state.ROW, known)


async def _offered(work: Work) -> set[str]:
    return set(
        json.loads(await work.database.fetch_value("select offered from crm_access_state where id = $1", state.ROW))
    )


async def _existing(work: Work, default: _Default) -> UUID | None:
    found = await work.find("role", key=default.key)
    return found[0]["id"] if found else None


async def _made(work: Work, default: _Default) -> UUID | None:
    if (there := await _existing(work, default)) is not None:
        return there
    values = {"key": default.key, "name": default.name, "description": default.description}
    role = await actions.create(work, "role", {**values, "everything": default.everything})
    return UUID(str(role["id"]))


async def _permit(work: Work, role_id: UUID, permission: str, scope: Scope) -> None:
    if not await work.find("role_permission", role_id=role_id, permission=permission):
        await actions.create(
            work, "role_permission", {"role_id": role_id, "permission": permission, "scope": scope.name}
        )


def _permissions(
    entities: Entities, default: _Default, offered: set[str], everybody: Sequence[str]
) -> Iterator[tuple[str, Scope]]:
    if default.everything:
        return
    yield from ((name, Scope.ALL) for name in everybody if name not in offered)
    for name, entity in entities.items():
        if entity.guarded_by is None and name not in offered:
            for action, scope in _rights(entity, default).items():
                yield f"{name}:{action}", scope


def _rights(entity: Entity, default: _Default) -> Mapping[str, Scope]:
    if entity.name in _ADMINISTRATIVE:
        return {}
    if entity.name in _COLLEAGUES:
        return _READ
    return default.owned if owners(entity) else default.common
