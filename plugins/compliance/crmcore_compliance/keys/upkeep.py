"""What is due for keys: a new epoch each month, all keys under it, and the end of the former one a month later."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import timedelta
from uuid import UUID

from crmcore import clock
from crmcore_compliance.keys.ending import Ended, destroy_epoch, due_epochs
from crmcore_compliance.keys.former import replaceable
from crmcore_compliance.keys.inventory import EpochLine, epoch_lines
from crmcore_compliance.keys.keyring import Keyring
from crmcore_compliance.keys.rotating import Rewrapped
from crmcore_compliance.keys.states import KeyState

__all__ = ["active_epoch", "destroy_due", "is_due", "replace", "rotate"]


async def active_epoch(keyring: Keyring) -> EpochLine | None:
    """Return the epoch that wraps now, None if no key was ever made; nothing is made for that."""
    if not keyring.keystore.exists:
        return None
    await keyring.ready()
    epochs = await epoch_lines(keyring.keystore.database)
    return next((each for each in epochs if each.state == KeyState.ACTIVE), None)


async def is_due(keyring: Keyring, days: int) -> bool:
    """Say whether the active epoch has lasted so many days."""
    active = await active_epoch(keyring)
    return active is not None and clock.now() >= active.created_at + timedelta(days=days)


async def rotate(keyring: Keyring, epoch: int | None = None) -> AsyncIterator[Rewrapped]:
    """Begin an epoch and bring all keys over.

    Args:

        keyring: whose keys.
        epoch: the one that shall end; if another one is active already, keys are only brought over, so that a second
            attempt goes on with the first one's. None ends the active one, whichever that is.

    Yields:

        how far it is.
    """
    active = await active_epoch(keyring)
    if active is not None and epoch in (None, active.id):
        await keyring.rotating.epoch()
    async for done in keyring.rotating.rewrap():
        yield done


async def replace(keyring: Keyring, subjects: Iterable[UUID] | None = None) -> int:
    """Have new keys seal the values of some subjects from now on, None of all and of nobody in particular; return how many.

    What is sealed already stays under the former keys until it is sealed anew.

    Raises:

        NotFound: somebody has no key.
    """
    owners = await replaceable(keyring.keystore) if subjects is None else [str(id) for id in subjects]
    for owner in owners:
        await keyring.rotating.owner(owner)
    return len(owners)


async def destroy_due(keyring: Keyring) -> list[Ended]:
    """Destroy the epochs whose time is over."""
    return [await destroy_epoch(keyring.keystore, keyring.epochs, id) for id in await due_epochs(keyring.keystore)]
