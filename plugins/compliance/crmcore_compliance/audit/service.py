"""What runs beside requests: the sequencer, its witnesses, and a look at who has been lured."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING

from crmcore import Service
from crmcore_compliance.audit.access.log import AccessLog
from crmcore_compliance.audit.sequencing import PROCESS, sequence_all
from crmcore_compliance.audit.state import read_state
from crmcore_compliance.audit.witness import publish
from crmcore_compliance.settings import ComplianceSettings
from crmcore_compliance.state import compliance_of

if TYPE_CHECKING:
    from crmcore import Crm
    from crmcore_compliance.keys import Keyring

__all__ = ["SEQUENCER"]


async def _keep_up(crm: Crm) -> None:
    """Sequence what was committed, about once a second while there is something."""
    compliance = compliance_of(crm)
    pause = crm.settings[ComplianceSettings].audit_seconds
    async with crm.pulse.listen() as ear:
        while True:
            await ear.next()
            if not await _has_keys(compliance.keyring):
                continue
            await sequence_all(crm)
            if (await read_state(crm.database)).holder == PROCESS:
                await publish(crm)
            await compliance[AccessLog].refresh()
            await asyncio.sleep(pause)


async def _has_keys(keyring: Keyring) -> bool:
    """Say whether heads can be signed; making keys is for whoever knows where they are to be kept."""
    if keyring.is_new and keyring.keystore.exists:
        await keyring.ready()
        return not await keyring.epochs.is_none()
    return not keyring.is_new


SEQUENCER = Service("audit log", _keep_up)
