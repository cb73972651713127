"""Data keys out of the keystore, many with one statement."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Any, Final
from uuid import UUID

from crmcore_compliance.keys.epochs import LIMIT, Epochs
from crmcore_compliance.keys.key import UNLIMITED, Key
from crmcore_compliance.keys.keystore import Keystore
from crmcore_compliance.keys.owners import TENANT, owner_of, subject_of
from crmcore_compliance.keys.states import KeyState

__all__ = ["BLOCK", "Fetching"]

#: So many values a counted key may seal before the keystore is told of more.
BLOCK: Final = 2**16
_COLUMNS: Final = "id, owner, suite, epoch, wrapped, check_value, state"


class Fetching:
    """Reads and unwraps keys.

    Args:

        keystore: where they are.
        epochs: what wrapped them.
    """

    def __init__(self, keystore: Keystore, epochs: Epochs) -> None:
        self._keystore, self._epochs = keystore, epochs

    async def current(self, subjects: Iterable[UUID | None]) -> list[Key]:
        """Return the keys with which values of some subjects are sealed now; those that have none are left out."""
        owners = {owner_of(subject): subject for subject in subjects}
        among, given = self._among(list(owners), "text")
        asked = f"select {_COLUMNS} from keystore_key where state = 'ACTIVE' and owner {among}"
        return await self._keys(await self._keystore.database.fetch(asked, given), owners.__getitem__)

    async def by_id(self, ids: Sequence[int]) -> dict[int, Key | None]:
        """Return keys by id: None for destroyed ones; those that never were are left out."""
        among, given = self._among(ids, "bigint")
        asked = f"""
            select {_COLUMNS} from keystore_key where id {among}
            union all
            select id, null, null, null, null, null, null from keystore_destroyed where id {among}
        """
        rows = await self._keystore.database.fetch(asked, given)
        found: dict[int, Key | None] = {row[0]: None for row in rows if row[1] is None}
        found.update({key.id: key for key in await self._keys([row for row in rows if row[1] is not None])})
        return found

    async def secret(self, owner: str) -> tuple[int, bytes] | None:
        """Return id and bytes of the current key of an owner that is no subject; None if there is none."""
        asked = f"select {_COLUMNS} from keystore_key where state = 'ACTIVE' and owner = $1"
        rows = await self._keystore.database.fetch(asked, owner)
        if not rows:
            return None
        id, owner, _, epoch, wrapped, check, _ = rows[0]
        return id, (await self._epochs.load(epoch)).unwrap(owner, id, wrapped, check)

    async def more(self, key: Key) -> bool:
        """Let a counted key seal another block of values; False if it has sealed as many as it may."""
        counted = "update keystore_key set used = used + $2 where id = $1 and used + $2 <= $3 and state = 'ACTIVE'"
        granted = await self._keystore.database.execute(counted, key.id, BLOCK, LIMIT) == 1
        if granted:
            key.grant(BLOCK)
        return granted

    def _among(self, values: Sequence[Any], type: str) -> tuple[str, Any]:
        """Return what follows a column that has one of some values, and what `$1` is there."""
        if len(values) == 1:
            # PostgreSQL plans each execution with a list anew, which takes it longer than to find one key.
            return "= $1", values[0]
        return f"in ({self._keystore.members('$1', type)})", list(values)

    async def _keys(
        self, rows: Sequence[tuple[Any, ...]], subject: Callable[[str], UUID | None] = subject_of
    ) -> list[Key]:
        epochs = {epoch: await self._epochs.load(epoch) for epoch in {row[3] for row in rows}}
        keys = []
        for id, owner, suite, epoch, wrapped, check, state in rows:
            secret = epochs[epoch].unwrap(owner, id, wrapped, check)
            left = 0 if owner == TENANT else UNLIMITED
            keys.append(Key(id, subject(owner), suite, KeyState(state), secret, left))
        return keys
