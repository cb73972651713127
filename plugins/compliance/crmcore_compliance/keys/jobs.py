"""The upkeep of keys as jobs."""

from __future__ import annotations

import logging

from crmcore import Run, Schedule, job
from crmcore_compliance.keys import upkeep
from crmcore_compliance.state import compliance_of

__all__ = ["JOBS", "rotate_keys"]

_logger = logging.getLogger("crmcore.compliance.keys")


@job(at_once=1, timeout=3600)
async def rotate_keys(run: Run, epoch: int) -> None:
    """End an epoch of keys: another one begins, and all keys are brought over. Without a key there is nothing to do."""
    keyring = compliance_of(run.crm).keyring
    if await upkeep.active_epoch(keyring) is None:
        return
    async for _ in upkeep.rotate(keyring, epoch):
        pass


@job(at_once=1, timeout=3600)
async def look_after_keys(run: Run) -> None:
    """Rotate the keys when it is time, and destroy the epochs whose time is over."""
    compliance = compliance_of(run.crm)
    active = await upkeep.active_epoch(compliance.keyring)
    if active is None:
        return
    due = await upkeep.is_due(compliance.keyring, compliance.settings.epoch_days)
    # What is not due is not ended, but keys that an interrupted rotation left behind are brought over.
    async for _ in upkeep.rotate(compliance.keyring, active.id if due else 0):
        pass
    for ended in await upkeep.destroy_due(compliance.keyring):
        _logger.warning("The epoch %s of keys was destroyed. %s", ended.id, ended.remains)


JOBS = (rotate_keys, look_after_keys, Schedule(look_after_keys(), cron="23 3 * * *"))
