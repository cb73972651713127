"""What is interrupted: erasing, sealing with new keys, changing epochs, sequencing the log, erasing again after a restore."""

from __future__ import annotations

import shutil
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any
from uuid import UUID

from crmcore_compliance.audit.sequencing import sequence_all
from crmcore_compliance.rights.deciding import ACTIONS
from crmcore_compliance.rights.processing import process
from crmcore_compliance.rights.receiving import compliance_verify_identity, receive
from crmcore_compliance.rights.restored import erase_again
from crmcore_compliance.sealing import sweeping
from crmcore_compliance.sealing.actions import work_on
from crmcore_compliance.sealing.standing import standings
from crmcore_compliance.state import compliance_of
from crmcore_compliance.tables.requests import ComplianceRegime, ComplianceRequestKind
from crmcore_compliance.tables.sealing import ComplianceWork

from crmcore import Crm, Work, actions
from faults import checks
from faults.people import ACTOR, PLAIN, people

__all__ = ["OPERATIONS", "Operation", "put_back"]

_PEOPLE, _ERASED = 10, 5
_approve = ACTIONS[0]


@dataclass(frozen=True, slots=True)
class Operation:
    """Something that must survive being killed.

    Attributes:

        prepare: makes the world; what it gives the others are given.
        doing: what is killed, and begun again, until it ends.
        wrong: what is wrong afterwards, a sentence each.
    """

    prepare: Callable[[Crm], Awaitable[Any]]
    doing: Callable[[Crm, Any], Awaitable[Any]]
    wrong: Callable[[Crm, Any], Awaitable[list[str]]]


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
    sweeping.SETTLE = 0
    keyring = compliance_of(crm).keyring
    for _, id in world["erased"]:
        await keyring.rotating.subject(id)
    for standing in await standings(crm.database):
        if standing.work is None:
            await crm.run(ACTOR, partial(work_on, field=standing.field, task=ComplianceWork.RESEAL))
        await sweeping.sweep(crm, standing.field)


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


async def _restored(crm: Crm) -> dict[str, Any]:
    """People are erased, and then an older backup of the data comes back; only the keystore knows of it."""
    world = await _requested(crm)
    sqlite = crm.database.dialect == "sqlite"
    backup = Path(crm.settings.database.removeprefix("sqlite:///")).with_suffix(".backup") if sqlite else None
    if backup is not None:
        await crm.database.execute(f"vacuum into '{backup}'")
    await _erase(crm, world)
    world["backup"] = str(backup) if backup is not None else None
    return world


async def _again(crm: Crm, _: Any) -> None:
    await erase_again(crm)


async def _erased_again(crm: Crm, world: Any) -> list[str]:
    # What the backup had of requests is as it was then; they are carried out once more.
    await _erase(crm, world)
    return await _erased(crm, world)


def put_back(world: Any) -> None:
    """Put the backup of a world in place of its database, if it has one."""
    if isinstance(world, dict) and world.get("backup"):
        backup = Path(world["backup"])
        database = backup.with_suffix(".sqlite")
        for end in ("-wal", "-shm"):
            database.with_name(f"{database.name}{end}").unlink(missing_ok=True)
        shutil.move(backup, database)


OPERATIONS = {
    "erase": Operation(_requested, _erase, _erased),
    "rekey": Operation(_people, _rekey, _all_there),
    "rotate": Operation(_people, _rotate, _rotated),
    "sequence": Operation(_people, _sequence, _all_there),
    "restore": Operation(_restored, _again, _erased_again),
}
