"""The desk at which clients of a process ask: mutations that come at the same time are posted together."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from weakref import WeakKeyDictionary

from crmcore import Actor, Crm, Once, Row, ids
from crmcore_loyalty.ledger.arguments import accrual_of, currency_called, redemption_of
from crmcore_loyalty.ledger.desk import Desk, Last
from crmcore_loyalty.ledger.keyed import id_of_key
from crmcore_loyalty.ledger.together import Posting

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
    crm: Crm, actor: Actor, values: Mapping[str, Any], request_id: str | None, once: Once | None, last: Last | None
) -> Row | None:
    """See `crmcore.Action.shared`."""
    found = await _named(crm, actor, values, once)
    if found is None:
        return None
    return await _DESKS[crm].hand_in(Posting(actor, accrual_of(**found), request_id, once), last)


async def redeemed(
    crm: Crm, actor: Actor, values: Mapping[str, Any], request_id: str | None, once: Once | None, last: Last | None
) -> Row | None:
    """See `crmcore.Action.shared`."""
    found = await _named(crm, actor, values, once)
    if found is None:
        return None
    return await _DESKS[crm].hand_in(Posting(actor, redemption_of(**found), request_id, once), last)


async def _named(crm: Crm, actor: Actor, values: Mapping[str, Any], once: Once | None) -> dict[str, Any] | None:
    """Return the arguments with the ids of the currency and the transaction; None where the currency is not known.

    Then it has to be asked first who is told why.
    """
    currency_id = await currency_called(crm.database, values["member_id"], values["currency"])
    if currency_id is None:
        return None
    found = {name: value for name, value in values.items() if name != "currency"} | {"currency_id": currency_id}
    if found.get("id") is None:
        found["id"] = ids.new() if once is None else id_of_key(actor, once.key)
    return found
