"""Keys as mutations."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from crmcore import Work, action, errors
from crmcore_compliance.keys.jobs import rotate_keys
from crmcore_compliance.keys.permissions import KEYS
from crmcore_compliance.keys.upkeep import active_epoch
from crmcore_compliance.state import compliance_of

__all__ = ["ComplianceKeyRotation", "compliance_rotate_keys"]


@dataclass(frozen=True)
class ComplianceKeyRotation:
    """A rotation of keys that a job carries out; `complianceKeyRing` says how far it is."""

    epoch: Annotated[int, "The epoch that ends."]
    keys: Annotated[int, "How many keys are under epochs before it still."]


@action(returns=ComplianceKeyRotation, permission=KEYS, since="0.1.0")
async def compliance_rotate_keys(work: Work) -> ComplianceKeyRotation:
    """Have another epoch of keys begin, under a new version of the key service's key; asked for twice it happens once."""
    keyring = compliance_of(work.database).keyring
    active = await active_epoch(keyring)
    if active is None:
        text = "There are no keys yet; they are made when something is sealed or signed."
        raise errors.Conflict(text)
    left = await keyring.rotating.left()
    await work.put(rotate_keys(epoch=active.id), key=f"compliance rotate {active.id}")
    return ComplianceKeyRotation(active.id, left)
