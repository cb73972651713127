"""Destroying former keys that seal nothing any more: in no table, in no event of the past, in no package."""

from __future__ import annotations

import re
from base64 import b64decode, urlsafe_b64encode
from collections.abc import AsyncIterator, Collection, Iterable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final
from uuid import UUID

from crmcore import Crm, Database, clock
from crmcore_compliance.audit import note
from crmcore_compliance.crypto.wire import header
from crmcore_compliance.keys.former import former_keys
from crmcore_compliance.sealing.preparing import seals_in
from crmcore_compliance.state import compliance_of

__all__ = ["Retired", "retire_former_keys"]

#: Rows that are looked at with one statement, and keys that are destroyed with one.
_PAGE: Final = 2_000
_KEYS: Final = 500
#: So many characters of base64url after the mark are all of the key's and none of the nonce's; they leave out 4 of its 32
#: bits, so that now and then a key stays for another one's sake.
_SHOWN: Final = 6
_SEALED: Final = re.compile(rf"crm1:([A-Za-z0-9_-]{{{_SHOWN}}})")
_EVENTS: Final = f"""
    select e.era, e.transaction_id, e.position, e.row, e.was, e.details from crm_event e
    where (e.era, e.transaction_id, e.position) > ($1, $2, $3)
    order by e.era, e.transaction_id, e.position limit {_PAGE}
"""
_PACKAGES: Final = f"select id, substr(content, 1, 8) from compliance_package where id > $1 order by id limit {_PAGE}"


@dataclass(frozen=True, slots=True)
class Retired:
    """What became of former keys.

    Attributes:

        destroyed: how many were destroyed.
        needed: how many stay, since something is sealed with them, which `crm compliance reseal` puts under present ones, or
            since not every process may have heard yet that others took over.
    """

    destroyed: int
    needed: int


async def retire_former_keys(crm: Crm, age: timedelta) -> Retired:
    """Destroy the keys that another one took over from so long ago, and that seal nothing any more; the log says so.

    Backups of the data that were made before their values were sealed anew cannot be read from then on.
    """
    keyring = compliance_of(crm).keyring
    former = await former_keys(keyring.keystore, clock.now() - age)
    if not former:
        return Retired(0, 0)
    used = await _in_use(crm, former)
    empty = [id for id in former if id not in used]
    destroyed = 0
    for at in range(0, len(empty), _KEYS):
        gone = await keyring.retire(empty[at : at + _KEYS])
        destroyed += len(gone)
        if gone:
            await note(crm.database, "keys.retired", {"keys": gone})
    return Retired(destroyed, len(former) - destroyed)


async def _in_use(crm: Crm, keys: Collection[int]) -> set[int]:
    by_text: dict[str, set[int]] = {}
    for id in keys:
        by_text.setdefault(urlsafe_b64encode(header(id)).decode()[:_SHOWN], set()).add(id)
    found: set[str] = set()
    async for texts in _sealed_texts(crm):
        found |= by_text.keys() & {key for text in texts if text for key in _SEALED.findall(text)}
    packages = {id async for id in _of_packages(crm.database)}
    return {id for text in found for id in by_text[text]} | packages.intersection(keys)


async def _sealed_texts(crm: Crm) -> AsyncIterator[Iterable[str | None]]:
    """Give all texts in which there may be sealed values, a page at a time: of tables, and of the change feed."""
    for seal in seals_in(crm):
        if not seal.fields:
            continue
        columns = ", ".join(f"cast(t.{column} as text)" for column in seal.fields)
        sql = f"select t.id, {columns} from {seal.entity.tablename} t where t.id > $1 order by t.id limit {_PAGE}"
        last = UUID(int=0)
        while rows := await crm.database.fetch(sql, last):
            last = rows[-1][0]
            yield (text for row in rows for text in row[1:])
    place: tuple[Any, ...] = (0, 0, 0)
    while rows := await crm.database.fetch(_EVENTS, *place):
        place = rows[-1][:3]
        yield (text for row in rows for text in row[3:])


async def _of_packages(database: Database) -> AsyncIterator[int]:
    last = UUID(int=0)
    while rows := await database.fetch(_PACKAGES, last):
        last = rows[-1][0]
        for _, beginning in rows:
            yield int.from_bytes(b64decode(beginning)[1:5], "big")
