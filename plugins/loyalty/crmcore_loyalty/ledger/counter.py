"""The desk at which clients of a process ask: mutations that come at the same time are posted together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from crmcore import Actor, Crm, Row
from crmcore_loyalty.ledger.arguments import accrual_of, currency_called, redemption_of
from crmcore_loyalty.ledger.desk import Desk, Last

__all__ = ["accrued", "close_counter", "open_counter", "redeemed"]

_DESKS: WeakKeyDictionary[Crm, Desk] = WeakKeyDictionary()


async def open_counter(crm: Crm) -> None:
    """Take what clients ask, while a CRM runs."""
    _DESKS[crm] = await Desk(crm).__aenter__()


async def close_counter(crm: Crm) -> None:
    """Take nothing more, and end when all that was asked has its outcome."""
    if (desk := _DESKS.pop(crm, None)) is not None:
        await desk.close()


async def accrued(
    crm: Crm, actor: Actor, values: Mapping[str, Any], request_id: str | None, last: Last | None
) -> Row | None:
    """See `crmcore.Action.shared`."""
    found = await _named(crm, values)
    if found is None:
        return None
    return await _DESKS[crm].accrue(actor, accrual_of(**found), request_id=request_id, last=last)


async def redeemed(
    crm: Crm, actor: Actor, values: Mapping[str, Any], request_id: str | None, last: Last | None
) -> Row | None:
    """See `crmcore.Action.shared`."""
    found = await _named(crm, values)
    if found is None:
        return None
    return await _DESKS[crm].redeem(actor, redemption_of(**found), request_id=request_id, last=last)


async def _named(crm: Crm, values: Mapping[str, Any]) -> dict[str, Any] | None:
    """Return the arguments with the currency's id; None where it is not known, and who is told why has to be asked first."""
    currency_id = await currency_called(crm.database, values["member_id"], values["currency"])
    if currency_id is None:
        return None
    rest = {name: value for name, value in values.items() if name != "currency"}
    return {"id": None, **rest, "currency_id": currency_id}
