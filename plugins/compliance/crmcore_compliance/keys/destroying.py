"""Destroying keys: overwritten, deleted, and remembered, so that none is made again for the same person."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta
from os import urandom
from typing import Final, TypeVar

from crmcore import Database, clock, instants
from crmcore_compliance.keys import news
from crmcore_compliance.keys.journal import Tombstone, tombstones_of
from crmcore_compliance.keys.keystore import Keystore

__all__ = ["HEARD", "destroy", "retire"]

T = TypeVar("T")

#: As long as a wrapped key.
_WRAPPED: Final = 60
#: So long ago another key must have taken over: until then a process that has not heard of it may seal with the former one.
HEARD = timedelta(minutes=1)


async def destroy(keystore: Keystore, owner: str, pseudonym: str, request_id: str | None) -> Tombstone:
    """Destroy all keys of an owner for good, once: later calls return the first one's tombstone."""
    db = await keystore.ready()

    async def attempt() -> Tombstone:
        # Read committed: what was made while this waited is to be seen.
        async with db.transaction("read committed"):
            await news.wait_for_others(db)
            if found := await tombstones_of(db, [pseudonym], keystore.members("$1")):
                return found[pseudonym]
            position = await news.next_position(db)
            keys = [id for (id,) in await db.fetch("select id from keystore_key where owner = $1 order by id", owner)]
            await _erase(db, keystore, keys, position)
            now = clock.now()
            put = """
                insert into keystore_tombstone (position, subject, request_id, destroyed_at, keys)
                values ($1, $2, $3, $4, $5)
            """
            await db.execute(put, position, pseudonym, request_id, instants.wire(now), json.dumps(keys))
            return Tombstone(position, pseudonym, request_id, now, tuple(keys))

    return await _thoroughly(db, lambda: db.retrying(attempt))


async def retire(keystore: Keystore, keys: Sequence[int]) -> list[int]:
    """Destroy former keys that seal nothing any more; return which were, without those that are current or were a minute ago."""
    db = await keystore.ready()
    asked = f"""
        select id from keystore_key
        where state <> 'ACTIVE' and deactivated_at <= $2 and id in ({keystore.members("$1", "bigint")}) order by id
    """

    async def attempt() -> list[int]:
        async with db.transaction("read committed"):
            position = await news.next_position(db)
            gone = [id for (id,) in await db.fetch(asked, list(keys), instants.wire(clock.now() - HEARD))]
            await _erase(db, keystore, gone, position)
            return gone

    return await _thoroughly(db, lambda: db.retrying(attempt))


async def _erase(db: Database, keystore: Keystore, keys: list[int], position: int) -> None:
    if not keys:
        return
    noise = [(b64encode(urandom(_WRAPPED)).decode(), id) for id in keys]
    await db.execute_many("update keystore_key set wrapped = $1, check_value = '' where id = $2", noise)
    await db.execute(f"delete from keystore_key where id in ({keystore.members('$1', 'bigint')})", keys)
    await db.execute_many("insert into keystore_destroyed (id) values ($1)", [(id,) for id in keys])
    await news.tell(db, position, keys)


async def _thoroughly(db: Database, work: Callable[[], Awaitable[T]]) -> T:
    """Do it so that SQLite's files keep nothing of what was deleted; PostgreSQL's vacuum does that in its own time."""
    if db.dialect != "sqlite":
        return await work()
    await db.script(["pragma secure_delete = on"])
    result = await work()
    # What the log still has of the pages goes; readers may hold that up until the next time.
    await db.script(["pragma wal_checkpoint(truncate)"])
    return result
