"""As whom a test acts: a role by its name, a person by their row, the system by nothing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from uuid import UUID

from crmcore.access import accounts
from crmcore.access.actor import Actor
from crmcore.database import ids

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.entities.work import Work

__all__ = ["As", "actor_of"]

#: An actor, the key of a role, the row or id of a person, or None for the system.
As = Actor | str | UUID | Mapping[str, Any] | None


async def actor_of(crm: Crm, as_: As, stand_ins: dict[str, UUID]) -> Actor:
    """Return who is meant, with their rights as they are now.

    Args:

        crm: where they act.
        as_: who is meant.
        stand_ins: people who have one role, by its key; one is added for a role that has none yet.

    Raises:

        Invalid: there is no such role.
        NotFound: there is no such person.
    """
    if as_ is None:
        return Actor.system()
    if isinstance(as_, Actor):
        return as_
    if isinstance(as_, Mapping):
        return await _person(crm, as_["id"])
    if isinstance(as_, UUID):
        return await _person(crm, as_)
    if as_.startswith("user_"):
        return await _person(crm, ids.parse(as_, "user"))
    if as_ not in stand_ins:
        stand_ins[as_] = await _stand_in(crm, as_)
    return await _person(crm, stand_ins[as_])


async def _person(crm: Crm, id: UUID) -> Actor:
    return await accounts.load_actor(crm.database, crm.entities, id)


async def _stand_in(crm: Crm, role: str) -> UUID:
    async def unit(work: Work) -> UUID:
        user = await accounts.create_user(work, name=role.title(), email=f"{role}@example.com", roles=[role])
        # Nobody's test is about this person having come.
        work.events.clear()
        work.jobs.clear()
        id: UUID = user["id"]
        return id

    return await crm.run(Actor.system("crmcore.testing"), unit)
