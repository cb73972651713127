"""New data keys: random, one that seals for each owner, and none for whom was erased."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import partial
from os import urandom
from typing import Any, Final

from crmcore import Database, clock, instants
from crmcore.errors import Invalid, Unavailable
from crmcore_compliance.crypto.suites import KEY_SIZE
from crmcore_compliance.keys.epoch import Epoch, checked
from crmcore_compliance.keys.epochs import Epochs
from crmcore_compliance.keys.keystore import Keystore

__all__ = ["Creating", "Public"]

#: Gives the public half of a key from its id and its secret.
Public = Callable[[int, bytes], str]

_ATTEMPTS: Final = 8
_TYPES: Final = ("bigint", "text", "text", "text", "text")
_COLUMNS: Final = "id, owner, wrapped, check_value, public"


class Creating:
    """Makes keys.

    Args:

        keystore: where they go.
        epochs: what wraps them.
    """

    def __init__(self, keystore: Keystore, epochs: Epochs) -> None:
        self._keystore, self._epochs = keystore, epochs

    async def create(
        self, owners: Sequence[str], suite: str, erased: dict[str, str], public: Public | None = None
    ) -> None:
        """See to it that owners have a key that seals; those that have one keep it.

        Args:

            owners: see `crmcore_compliance.keys.owners`.
            suite: of new keys.
            erased: pseudonyms of owners that may have been erased.
            public: gives the public half of a key, where there is one.

        Raises:

            Invalid: `SUBJECT_ERASED`: somebody's data was erased, who therefore gets no new key.
        """
        db = await self._keystore.ready()
        missing = list(dict.fromkeys(owners))
        for _ in range(_ATTEMPTS):
            missing = await db.retrying(partial(self._attempt, db, missing, suite, erased, public))
            if not missing:
                return
        msg = "No new keys could be made; try again in a moment."
        raise Unavailable(msg)

    async def _attempt(
        self, db: Database, owners: list[str], suite: str, erased: dict[str, str], public: Public | None
    ) -> list[str]:
        """Return the owners that still have none: ids are random, and one may be taken."""
        epoch = await self._epochs.active()
        rows = [self._made(epoch, owner, public) for owner in owners]
        async with db.transaction("read committed"):
            await self._refuse_erased(db, erased)
            if not await self._epochs.take(db, epoch, len(rows)):
                full = True
            else:
                full = False
                await self._insert(db, rows, suite, epoch)
        if full:
            await self._replace(epoch)
            return owners
        having = f"select owner from keystore_key where state = 'ACTIVE' and owner in ({self._keystore.members('$1')})"
        found = {owner for (owner,) in await db.fetch(having, owners)}
        return [owner for owner in owners if owner not in found]

    def _made(self, epoch: Epoch, owner: str, public: Public | None) -> list[Any]:
        secret = urandom(KEY_SIZE)
        id = int.from_bytes(urandom(4), "big") or 1
        shown = None if public is None else public(id, secret)
        return [id, owner, epoch.wrap(owner, id, secret), checked(secret), shown]

    async def _insert(self, db: Database, rows: list[list[Any]], suite: str, epoch: Epoch) -> None:
        now = instants.wire(clock.now())
        if db.dialect == "sqlite":
            parts = ", ".join(f"value ->> {place}" for place in range(len(_TYPES)))
            given: list[Any] = [json.dumps(rows)]
            source = f"select {parts}, $2, $3, 'ACTIVE', $4 from json_each($1) where true"
        else:
            arrays = ", ".join(f"${place + 4}::{type}[]" for place, type in enumerate(_TYPES))
            given = [list(column) for column in zip(*rows, strict=True)]
            source = f"select t.*, $1::text, $2::integer, 'ACTIVE', $3::text from unnest({arrays}) as t"
        put = f"""
            insert into keystore_key ({_COLUMNS}, suite, epoch, state, created_at) {source} on conflict do nothing
        """
        fixed = [suite, epoch.id, now]
        await db.execute(put, *(given + fixed if db.dialect == "sqlite" else fixed + given))

    async def _refuse_erased(self, db: Database, erased: dict[str, str]) -> None:
        if not erased:
            return
        # Waits for erasures that are under way, so that none of them misses the key that is made here.
        await db.fetch(f"select value from keystore_meta where name = 'position'{self._keystore.share}")
        asked = f"select 1 from keystore_tombstone where subject in ({self._keystore.members('$1')}) limit 1"
        if await db.fetch_value(asked, list(erased.values())) is not None:
            msg = (
                "This person's data was erased, so nothing can be kept about them under the same id; make a new record."
            )
            raise Invalid.at("id", "SUBJECT_ERASED", msg)

    async def _replace(self, epoch: Epoch) -> None:
        """Begin another epoch, unless somebody else did."""
        if (await self._epochs.active()).id == epoch.id:
            await self._epochs.begin()
