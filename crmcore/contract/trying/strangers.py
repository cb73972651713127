"""People from whom a plugin's records are to be hidden, and what they may see of them by the rules."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from uuid import UUID

from crmcore.access.actor import Access, Actor, ActorType, Scope
from crmcore.contract.trying.records import Marked
from crmcore.database import ids
from crmcore.testing import TestCrm

__all__ = ["Stranger", "strangers"]


@dataclass(frozen=True)
class Stranger:
    """Somebody, and how a message tells of them.

    Attributes:

        actor: with their rights.
        described: `somebody without any permission`.
        hidden: the records that the rules hide from them.
        told: ids of such records that stand in links of records which the rules show them.
    """

    actor: Actor
    described: str
    hidden: tuple[Marked, ...] = ()
    told: frozenset[str] = frozenset()


async def strangers(crm: TestCrm, plugin: str, records: Iterable[Marked]) -> list[Stranger]:
    """Make them; who sees everything that was made is left out."""
    made = tuple(records)
    found = []
    for described, access in _kinds(crm, plugin):
        user = await crm.make("user", name="A stranger")
        actor = Actor(ActorType.USER, ids.encode("user", user["id"]), "stranger", user_id=user["id"], access=access)
        hidden = [record for record in made if not await _sees(crm, actor, record)]
        if hidden:
            shown = [record for record in made if record not in hidden]
            linked = {value for record in shown for value in record.row.values() if isinstance(value, UUID)}
            told = frozenset(record.shown_id for record in hidden if record.id in linked)
            found.append(Stranger(actor, described, tuple(hidden), told))
    return found


def _kinds(crm: TestCrm, plugin: str) -> Iterator[tuple[str, Access]]:
    own = [e.name for e in crm.entities.values() if e.plugin == plugin]
    others = [name for name in crm.entities if name not in own]
    yield "somebody without any permission", Access()
    yield "somebody who may read all that crmcore has, and nothing of the plugin's", _reading(others, Scope.ALL)
    yield (
        "somebody who may read all that crmcore has, and of the plugin's only what is their own",
        Access(scopes={**_reading(others, Scope.ALL).scopes, **_reading(own, Scope.OWN).scopes}),
    )
    yield "somebody who may read only what is their own", _reading(crm.entities, Scope.OWN)


def _reading(entities: Iterable[str], scope: Scope) -> Access:
    return Access(scopes={f"{name}:{action}": scope for name in entities for action in ("read", "export")})


async def _sees(crm: TestCrm, actor: Actor, record: Marked) -> bool:
    return await crm.run(actor, lambda work: work.reaches(record.entity, record.id, "read"))
