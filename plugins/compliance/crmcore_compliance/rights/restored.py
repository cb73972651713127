"""After an older backup of the data was restored: whoever was erased since is erased again, by the keystore's journal."""

from __future__ import annotations

from collections.abc import AsyncIterator
from dataclasses import dataclass
from uuid import UUID

from crmcore import Crm, Work, subjects
from crmcore_compliance.rights.erasing.erasing import erase
from crmcore_compliance.rights.erasing.steps import destroy_keys, result_of, verified
from crmcore_compliance.rights.processing import ACTOR
from crmcore_compliance.state import compliance_of

__all__ = ["Again", "erase_again"]

_PAGE = 1000
_CUSTOMERS = f"select id from customer where id > $1 order by id limit {_PAGE}"


@dataclass(slots=True)
class Again:
    """What was done.

    Attributes:

        people: how many of those who were erased are in the data.
        rows: how many records were removed or emptied again.
        readable: how many of their values could still be opened; anything but 0 is an incident.
    """

    people: int = 0
    rows: int = 0
    readable: int = 0


async def erase_again(crm: Crm) -> Again:
    """Erase again whoever stands in the journal of erasures and in the data; doing it twice changes nothing more."""
    done = Again()
    async for customer_id in _erased(crm):
        await destroy_keys(crm, [customer_id], None)

        async def unit(work: Work, customer_id: UUID = customer_id) -> tuple[int, int]:
            subject = await subjects.subject_of(work.database, customer_id)
            erased = await erase(crm, work, subject)
            left = await verified(crm, result_of(subject, erased))
            return erased.rows, left.readable

        rows, readable = await crm.run(ACTOR, unit)
        done.people, done.rows, done.readable = done.people + 1, done.rows + rows, done.readable + readable
    if done.people:
        await subjects.scour(crm.database)
    return done


async def _erased(crm: Crm) -> AsyncIterator[UUID]:
    keyring = compliance_of(crm).keyring
    last = UUID(int=0)
    while rows := await crm.database.fetch(_CUSTOMERS, last):
        some = [row[0] for row in rows]
        for id in sorted(await keyring.destroyed_of(some)):
            yield id
        last = some[-1]
