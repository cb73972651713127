"""The end of an epoch: its key and the key service's version are destroyed, and with them every backup of the keystore."""

from __future__ import annotations

from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime
from os import urandom

from crmcore import clock, instants
from crmcore.errors import Conflict, NotFound
from crmcore_compliance.keys.epochs import Epochs
from crmcore_compliance.keys.keystore import Keystore
from crmcore_compliance.keys.states import KeyState, moved
from crmcore_compliance.kms import KeysStay

__all__ = ["Ended", "destroy_epoch", "due_epochs"]


@dataclass(frozen=True, slots=True)
class Ended:
    """What became of an epoch.

    Attributes:

        id: of the epoch.
        gone_at: when the key service's version is gone, None if it stays.
        remains: what an operator still has to do; empty if nothing.
    """

    id: int
    gone_at: datetime | None
    remains: str


async def due_epochs(keystore: Keystore) -> list[int]:
    """Return the epochs whose time is over and that wrap nothing any more."""
    db = await keystore.ready()
    asked = """
        select id from keystore_epoch e where state in ('DEACTIVATED', 'COMPROMISED') and destroy_after <= $1
        and not exists (select 1 from keystore_key k where k.epoch = e.id) order by id
    """
    return [id for (id,) in await db.fetch(asked, instants.wire(clock.now()))]


async def destroy_epoch(keystore: Keystore, epochs: Epochs, id: int) -> Ended:
    """Destroy an epoch that wraps nothing any more; doing it twice does no harm.

    Raises:

        NotFound: there is no such epoch.
        Conflict: it is the active one, or wraps keys still.
    """
    db = await keystore.ready()
    found = await db.fetch("select state, kms, version, wrapped from keystore_epoch where id = $1", id)
    if not found:
        msg = f"There is no epoch {id}; `crm compliance keys status` lists them."
        raise NotFound(msg)
    state, kms, version, wrapped = found[0]
    if state == KeyState.ACTIVE:
        msg = f"Epoch {id} is the active one; begin another one first: `crm compliance keys rotate`."
        raise Conflict(msg)
    left = await db.fetch_value("select count(*) from keystore_key where epoch = $1", id)
    if left:
        msg = f"Epoch {id} wraps {left} keys still; bring them over first: `crm compliance keys rewrap`."
        raise Conflict(msg)
    if state != KeyState.DESTROYED:
        moved(f"Epoch {id}", KeyState(state), KeyState.DESTROYED)
    gone_at, remains = await _destroy_version(keystore, epochs, id, kms, version)
    epochs.forget(id)
    noise = b64encode(urandom(len(b64decode(wrapped)))).decode()
    change = """
        update keystore_epoch set wrapped = $2, state = 'DESTROYED', destroyed_at = coalesce(destroyed_at, $3) where id = $1
    """
    await db.execute(change, id, noise, instants.wire(clock.now()))
    return Ended(id, gone_at, remains)


async def _destroy_version(
    keystore: Keystore, epochs: Epochs, id: int, kms: str, version: str
) -> tuple[datetime | None, str]:
    shared = """
        select 1 from keystore_epoch where kms = $1 and version = $2 and id <> $3 and state <> 'DESTROYED' limit 1
    """
    if await keystore.database.fetch_value(shared, kms, version, id) is not None:
        return None, f"Version {version} of {kms} wraps another epoch too and stays until that one is destroyed."
    try:
        return await epochs.service(kms).destroy(version) or clock.now(), ""
    except KeysStay as stay:
        return None, str(stay)
