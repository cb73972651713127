"""Which keys there are, for those who have to account for them (ASVS 11.1.2)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from crmcore import Database, instants
from crmcore_compliance.keys.keystore import Keystore
from crmcore_compliance.keys.owners import INDEX, SIGNING, TENANT

__all__ = ["EpochLine", "Inventory", "KeyLine", "epoch_lines", "take_stock"]


@dataclass(frozen=True, slots=True)
class EpochLine:
    """One epoch key.

    Attributes:

        id: 1, 2, 3 ….
        kms: the key service that wraps it.
        version: of the service's key.
        state: see `KeyState`.
        wraps: how often it was used.
        created_at: when it was made.
        destroy_after: when it is due to be destroyed, None for the active one.
        destroyed_at: when it was.
    """

    id: int
    kms: str
    version: str
    state: str
    wraps: int
    created_at: datetime
    destroy_after: datetime | None
    destroyed_at: datetime | None


@dataclass(frozen=True, slots=True)
class KeyLine:
    """Data keys of one use, suite, epoch and state.

    Attributes:

        use: `subjects`, `tenant`, `index` or `signing`.
        suite: the algorithm.
        state: see `KeyState`.
        epoch: that wraps them.
        keys: how many.
        oldest: when the oldest was made.
        newest: when the newest was made.
    """

    use: str
    suite: str
    state: str
    epoch: int
    keys: int
    oldest: datetime
    newest: datetime


@dataclass(frozen=True, slots=True)
class Inventory:
    """The keys of one installation.

    Attributes:

        tenant: whose.
        keystore: where they are, without a password.
        epochs: the keys that wrap, the oldest first.
        keys: the keys that seal, look up and sign.
        erasures: how many subjects' keys were destroyed.
    """

    tenant: str
    keystore: str
    epochs: tuple[EpochLine, ...]
    keys: tuple[KeyLine, ...]
    erasures: int


async def take_stock(keystore: Keystore, tenant: str) -> Inventory:
    """Return the inventory; of a keystore that is not there, an empty one."""
    if not keystore.is_open:
        return Inventory(tenant, keystore.shown, (), (), 0)
    db = keystore.database
    uses = f"case when owner in ('{TENANT}', '{INDEX}', '{SIGNING}') then owner else 'subjects' end"
    asked = f"""
        select {uses} as use, suite, state, epoch, count(*), min(created_at), max(created_at) from keystore_key
        group by 1, 2, 3, 4 order by 1, 2, 3, 4
    """
    keys = tuple(
        KeyLine(use, suite, state, epoch, count, instants.parse(oldest), instants.parse(newest))
        for use, suite, state, epoch, count, oldest, newest in await db.fetch(asked)
    )
    erasures = await db.fetch_value("select count(*) from keystore_tombstone")
    return Inventory(tenant, keystore.shown, await epoch_lines(db), keys, erasures)


async def epoch_lines(db: Database) -> tuple[EpochLine, ...]:
    """Return the epochs, the oldest first."""
    asked = """
        select id, kms, version, state, wraps, created_at, destroy_after, destroyed_at from keystore_epoch order by id
    """
    return tuple(
        EpochLine(id, kms, version, state, wraps, instants.parse(made), _instant(due), _instant(gone))
        for id, kms, version, state, wraps, made, due, gone in await db.fetch(asked)
    )


def _instant(text: str | None) -> datetime | None:
    return None if text is None else instants.parse(text)
