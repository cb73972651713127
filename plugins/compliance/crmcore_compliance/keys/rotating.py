"""Changing keys: what wraps them (re-wrapping, in the keystore alone), and which one seals (values follow by re-sealing)."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from contextlib import suppress
from typing import Any, Final, NamedTuple
from uuid import UUID

from crmcore import Database, clock, instants
from crmcore.errors import Conflict, Invalid, NotFound
from crmcore_compliance.keys import news
from crmcore_compliance.keys.cache import Cache
from crmcore_compliance.keys.epoch import Epoch
from crmcore_compliance.keys.epochs import Epochs
from crmcore_compliance.keys.keystore import Keystore
from crmcore_compliance.keys.owners import owner_of
from crmcore_compliance.keys.states import KeyState, moved

__all__ = ["Rewrapped", "Rotating"]

_PAGE: Final = 1000
_READ: Final = """
    select id, owner, epoch, wrapped, check_value from keystore_key where epoch <> $1 and id > $2 order by id limit $3
"""


class Rewrapped(NamedTuple):
    """How far re-wrapping is.

    Attributes:

        done: keys that were wrapped anew by this run.
        left: keys that are not yet.
    """

    done: int
    left: int


class Rotating:
    """Changes keys.

    Args:

        keystore: where they are.
        epochs: what wraps them.
        cache: of the keyring.
    """

    def __init__(self, keystore: Keystore, epochs: Epochs, cache: Cache) -> None:
        self._keystore, self._epochs, self._cache = keystore, epochs, cache

    async def epoch(self) -> int:
        """Begin a new epoch; return its number. `rewrap` brings the keys over, then the former one can be destroyed."""
        await self._epochs.active()
        return await self._epochs.begin()

    async def rewrap(self, page: int = _PAGE) -> AsyncIterator[Rewrapped]:
        """Wrap all keys under the active epoch, page by page; interrupted, it goes on where it was when called again.

        Yields:

            how far it is, after each page.
        """
        db = await self._keystore.ready()
        epoch, after, done = await self._epochs.active(), 0, 0
        while rows := await db.fetch(_READ, epoch.id, after, page):
            after = rows[-1][0]
            done += await self._page(db, epoch, rows)
            yield Rewrapped(done, await self._left(db, epoch))

    async def left(self) -> int:
        """Return how many keys a former epoch wraps."""
        db = await self._keystore.ready()
        return await self._left(db, await self._epochs.active())

    async def subject(self, subject: UUID | None) -> None:
        """Have a new key seal a subject's values from now on; the former one opens what it sealed.

        Raises:

            NotFound: the subject has no key.
        """
        await self.owner(owner_of(subject))

    async def owner(self, owner: str) -> None:
        """Have a new key serve an owner from now on; see `crmcore_compliance.keys.owners`.

        If the last one was replaced already and the next is not made yet, nothing more is to be done: whoever was
        interrupted begins again, and of several that come at once each finds it done.

        Raises:

            NotFound: there is no key to be replaced.
        """
        db = await self._keystore.ready()
        keys = await db.fetch("select id, state from keystore_key where owner = $1", owner)
        if not keys:
            msg = "There is no key that could be replaced."
            raise NotFound(msg)
        for id, state in keys:
            if state == KeyState.ACTIVE:
                with suppress(Conflict):  # somebody else was quicker
                    await self.mark(id, KeyState.DEACTIVATED)
            # This process may not have heard yet that it is a former one.
            self._cache.drop(id)

    async def mark(self, key_id: int, state: KeyState) -> None:
        """Give a key another state; keys are destroyed with `Keyring.destroy` and `Keyring.retire` only.

        Raises:

            NotFound: there is no such key.
            Conflict: the state may not follow on the one it has.
            Invalid: it is to be destroyed.
        """
        if state is KeyState.DESTROYED:
            msg = "A key is not marked as destroyed; destroy it."
            raise Invalid(msg)
        db = await self._keystore.ready()

        async def attempt() -> None:
            async with db.transaction("read committed"):
                position = await news.next_position(db)
                before = await db.fetch_value("select state from keystore_key where id = $1", key_id)
                if before is None:
                    msg = f"There is no key {key_id}."
                    raise NotFound(msg)
                moved(f"Key {key_id}", KeyState(before), state)
                at = None if state is KeyState.ACTIVE else instants.wire(clock.now())
                change = "update keystore_key set state = $2, deactivated_at = $3 where id = $1"
                await db.execute(change, key_id, state.value, at)
                await news.tell(db, position, [key_id])

        await db.retrying(attempt)
        self._cache.drop(key_id)

    async def _page(self, db: Database, epoch: Epoch, rows: list[tuple[Any, ...]]) -> int:
        former = {id: await self._epochs.load(id) for id in {row[2] for row in rows}}
        anew = [
            [id, epoch.wrap(owner, id, former[old].unwrap(owner, id, text, check)), text]
            for id, owner, old, text, check in rows
        ]

        async def attempt() -> int:
            async with db.transaction():
                if not await self._epochs.take(db, epoch, len(anew)):
                    msg = "Another epoch began meanwhile; begin again."
                    raise Conflict(msg)
                return await self._update(db, epoch, anew)

        return await db.retrying(attempt)

    async def _update(self, db: Database, epoch: Epoch, anew: list[list[Any]]) -> int:
        if db.dialect == "sqlite":
            source = "(select value ->> 0 as id, value ->> 1 as fresh, value ->> 2 as old from json_each($2))"
            given: list[Any] = [json.dumps(anew)]
        else:
            source = "unnest($2::bigint[], $3::text[], $4::text[]) "
            given = [list(column) for column in zip(*anew, strict=True)]
        named = "n" if db.dialect == "sqlite" else "n (id, fresh, old)"
        # Only what is as it was read: a key that was destroyed meanwhile does not come back.
        change = f"""
            update keystore_key set wrapped = n.fresh, epoch = $1 from {source} as {named}
            where keystore_key.id = n.id and keystore_key.wrapped = n.old
        """
        return await db.execute(change, epoch.id, *given)

    async def _left(self, db: Database, epoch: Epoch) -> int:
        left: int = await db.fetch_value("select count(*) from keystore_key where epoch <> $1", epoch.id)
        return left
