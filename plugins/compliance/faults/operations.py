"""What is interrupted: erasing, sealing with new keys, changing epochs, sequencing the log, erasing again after a restore."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any
from uuid import UUID

from crmcore_compliance.audit.sequencing import sequence_all
from crmcore_compliance.keys import destroying
from crmcore_compliance.keys.former import former_keys
from crmcore_compliance.rights.deciding import ACTIONS
from crmcore_compliance.rights.processing import process
from crmcore_compliance.rights.receiving import compliance_verify_identity, receive
from crmcore_compliance.rights.restored import erase_again
from crmcore_compliance.sealing import sweeping
from crmcore_compliance.sealing.actions import work_on
from crmcore_compliance.sealing.retiring import retire_former_keys
from crmcore_compliance.sealing.standing import standings
from crmcore_compliance.state import compliance_of
from crmcore_compliance.tables.requests import ComplianceRegime, ComplianceRequestKind
from crmcore_compliance.tables.sealing import ComplianceWork

from crmcore import Crm, Work, actions, clock
from faults import checks
from faults.people import ACTOR, PLAIN, people

__all__ = ["OPERATIONS", "Operation"]

_PEOPLE, _ERASED = 10, 5
_approve = ACTIONS[0]
_REPLACED = "select owner from keystore_key where state = 'DEACTIVATED' and owner like '%-%'"


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that must survive being killed.

    Attributes:

        prepare: makes the world; what it gives the others are given.
        doing: what is killed, and begun again, until it ends.
        wrong: what is wrong afterwards, a sentence each.
        after_backup: what happens when a backup of the data was made, which then is put back; None makes no backup.
    """

    prepare: Callable[[Crm], Awaitable[Any]]
    doing: Callable[[Crm, Any], Awaitable[Any]]
    wrong: Callable[[Crm, Any], Awaitable[list[str]]]
    after_backup: Callable[[Crm, Any], Awaitable[Any]] | None = None


async def _people(crm: Crm) -> dict[str, Any]:
    ids = await people(crm, _PEOPLE)
    await sequence_all(crm)
    numbered = list(enumerate(ids))
    return {"erased": numbered[:_ERASED], "others": numbered[_ERASED:]}


async def _requested(crm: Crm) -> dict[str, Any]:
    world = await _people(crm)
    world["requests"] = [await crm.run(ACTOR, partial(_ask, customer_id=id)) for _, id in world["erased"]]
    return world


async def _ask(work: Work, customer_id: UUID) -> UUID:
    request = await receive(work, customer_id, ComplianceRequestKind.ERASURE, ComplianceRegime.GDPR)
    await compliance_verify_identity(work, request["id"], "faults")
    await _approve(work, request["id"])
    id: UUID = request["id"]
    return id


async def _erase(crm: Crm, world: Any) -> None:
    for request_id in world["requests"]:
        await process(crm, request_id)


async def _erased(crm: Crm, world: Any) -> list[str]:
    return [
        *await checks.erased(crm, world["erased"]),
        *await checks.readable(crm, world["others"]),
        *await checks.whole(crm),
    ]


async def _rekey(crm: Crm, world: Any) -> None:
    # One process is at it, so nobody has to hear of anything first.
    sweeping.SETTLE, destroying.HEARD = 0, timedelta()
    keyring = compliance_of(crm).keyring
    database = await keyring.keystore.ready()
    replaced = {UUID(owner) for (owner,) in await database.fetch(_REPLACED)}
    for _, id in world["erased"]:
        # Replaced again half way, what was sealed anew already would be under a former key.
        if id not in replaced:
            await keyring.rotating.subject(id)
    for standing in await standings(crm.database):
        if standing.work is None:
            await crm.run(ACTOR, partial(work_on, field=standing.field, task=ComplianceWork.RESEAL))
        await sweeping.sweep(crm, standing.field)
    await retire_former_keys(crm, timedelta())


async def _rekeyed(crm: Crm, world: Any) -> list[str]:
    left = await former_keys(compliance_of(crm).keyring.keystore, clock.now())
    return [*([f"{len(left)} former keys are needed still"] if left else []), *await _all_there(crm, world)]


async def _all_there(crm: Crm, world: Any) -> list[str]:
    numbered = [*world["erased"], *world["others"]]
    return [*await checks.readable(crm, numbered), *await checks.whole(crm)]


async def _rotate(crm: Crm, _: Any) -> None:
    rotating = compliance_of(crm).keyring.rotating
    if not await rotating.left():
        await rotating.epoch()
    async for _page in rotating.rewrap(page=2):
        pass


async def _rotated(crm: Crm, world: Any) -> list[str]:
    left = await compliance_of(crm).keyring.rotating.left()
    return [*([f"{left} keys are under a former epoch"] if left else []), *await _all_there(crm, world)]


async def _sequence(crm: Crm, world: Any) -> None:
    for n, id in world["others"]:
        values = {"description": f"{PLAIN.format(n)} again"}
        await crm.run(ACTOR, partial(actions.update, entity="customer", id=id, values=values))
        await sequence_all(crm)


async def _again(crm: Crm, _: Any) -> None:
    await erase_again(crm)


async def _erased_again(crm: Crm, world: Any) -> list[str]:
    # Before the requests are, which the backup has as they were then and which are carried out once more.
    at_once = await checks.erased(crm, world["erased"])
    await _erase(crm, world)
    return [*at_once, *await _erased(crm, world)]


OPERATIONS = {
    "erase": Operation(_requested, _erase, _erased),
    "rekey": Operation(_people, _rekey, _rekeyed),
    "rotate": Operation(_people, _rotate, _rotated),
    "sequence": Operation(_people, _sequence, _all_there),
    # People are erased, and then an older backup of the data comes back; only the keystore knows of it.
    "restore": Operation(_requested, _again, _erased_again, after_backup=_erase),
}
