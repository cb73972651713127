"""What the evidence pack says of keys: which there are, and the public halves of those that sign."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec

from crmcore import Crm
from crmcore_compliance.state import compliance_of

__all__ = ["evidence"]


async def evidence(crm: Crm) -> Mapping[str, bytes]:
    """Return files by name."""
    keyring = compliance_of(crm).keyring
    stock = await keyring.inventory()
    public = await keyring.public_keys() if stock.epochs else []
    return {"keys/inventory.json": _json(stock), "keys/public.json": _json(public)}


def _json(value: object) -> bytes:
    return msgspec.json.format(msgspec.json.encode(value), indent=2)
