"""What is paid with a voucher, each part of it once, and what is given back to it."""

from __future__ import annotations

from uuid import UUID

from crmcore import Money, Row, Work, errors, ids
from crmcore_loyalty.rewards import codes, guesses
from crmcore_loyalty.rewards.declined import declined
from crmcore_loyalty.rewards.written import added, changed, locked
from crmcore_loyalty.tables.vouchers import LoyaltyVoucherKind, LoyaltyVoucherStatus

__all__ = ["give_back", "redeem"]

_ACTIVE, _USED_UP = LoyaltyVoucherStatus.ACTIVE.name, LoyaltyVoucherStatus.REDEEMED.name
_GIFT_CARD = LoyaltyVoucherKind.GIFT_CARD.name


async def redeem(work: Work, code: str, amount: Money | None, *, order_id: UUID | None, id: UUID | None) -> Row:
    """Pay with a code; return the use.

    Args:

        work: the unit of work.
        code: as somebody wrote it.
        amount: how much; of a gift card it must be said, of a voucher it is all of it if it is not.
        order_id: what is paid.
        id: of the use; the same one again gives the use that there is.

    Raises:

        Declined: there is no such code, it is used up, void or expired, or less is left.
        RateLimited: too many wrong codes came from there.
        KeyReused: the id was used for something else.
    """
    await guesses.admit(work)
    voucher = await _known(work, code)
    if (known := await _use(work, id)) is not None:
        return _same(known, voucher, amount)
    _check(work, voucher)
    taken = _taken(voucher, amount)
    left = None if taken is None else voucher["balance"] - taken if voucher["kind"] == _GIFT_CARD else 0
    status = _ACTIVE if left else _USED_UP
    await changed(work, "loyalty_voucher", voucher, {"balance": left, "status": status})
    return await _used(work, voucher, taken, left, order_id=order_id, id=id)


async def give_back(work: Work, use_id: UUID, amount: Money | None, *, id: UUID | None) -> Row:
    """Give what was paid back to its voucher, at most as much as was paid; return that use.

    Raises:

        NotFound: there is no such use.
        Declined: all of it was given back already, or less is left to be; or the voucher is void.
        KeyReused: the id was used for something else.
    """
    paid = await _use(work, use_id)
    voucher = None if paid is None else await locked(work, "loyalty_voucher", paid["voucher_id"])
    if paid is None or voucher is None:
        msg = f"There is no use of a voucher {ids.encode('loyalty_voucher_use', use_id)}."
        raise errors.NotFound(msg)
    if (known := await _use(work, id)) is not None:
        if known["returns_id"] != use_id or (amount is not None and -known["amount"] != amount.minor):
            raise _reused()
        return known
    if voucher["status"] == LoyaltyVoucherStatus.VOID.name:
        raise declined("useId", "VOUCHER_VOID", "This voucher is void; give the money back another way.")
    back = await _left_of(work, paid, amount)
    balance = None if back is None else (voucher["balance"] or 0) + back
    await changed(work, "loyalty_voucher", voucher, {"balance": balance, "status": _ACTIVE})
    minus = None if back is None else -back
    return await _used(work, voucher, minus, balance, order_id=paid["order_id"], id=id, returns_id=use_id)


async def _known(work: Work, code: str) -> Row:
    plain = codes.plain(code)
    if plain is None:
        message = "This is no code: a letter is missing or was misread. Letters are 0-9 and A-Z without I, L, O and U."
        raise errors.Invalid.at("code", "MALFORMED", message)
    sql = "select voucher_id from loyalty_voucher_code where digest = $1"
    found = await work.database.fetch_value(sql, codes.digest(plain))
    voucher = None if found is None else await locked(work, "loyalty_voucher", _uuid(found))
    if voucher is None:
        raise declined("code", "UNKNOWN_CODE", "There is no such voucher.", keep=guesses.count)
    return voucher


def _check(work: Work, voucher: Row) -> None:
    if voucher["status"] == LoyaltyVoucherStatus.VOID.name:
        raise declined("code", "VOUCHER_VOID", "This voucher is void.")
    if voucher["status"] != _ACTIVE:
        raise declined("code", "VOUCHER_USED", "This voucher is used up.")
    if voucher["expires_at"] is not None and voucher["expires_at"] <= work.now:
        raise declined("code", "VOUCHER_EXPIRED", f"This voucher expired on {voucher['expires_at']:%Y-%m-%d}.")


def _taken(voucher: Row, amount: Money | None) -> int | None:
    if voucher["kind"] == LoyaltyVoucherKind.DISCOUNT.name:
        if amount is not None:
            raise errors.Invalid.at("amount", "NOT_AN_AMOUNT", "A discount is no amount; leave it out.")
        return None
    if amount is None:
        if voucher["kind"] == _GIFT_CARD:
            raise errors.Invalid.at("amount", "REQUIRED", "Say how much of the gift card is used.")
        return int(voucher["balance"])
    if amount.currency != voucher["currency"]:
        raise errors.Invalid.at("amount", "OTHER_CURRENCY", f"This voucher is worth {voucher['currency']}.")
    if amount.minor <= 0:
        raise errors.Invalid.at("amount", "TOO_SMALL", "Use more than nothing of it.")
    if amount.minor > voucher["balance"]:
        left = Money(voucher["balance"], voucher["currency"])
        raise declined("amount", "MORE_THAN_LEFT", f"Only {left.amount} {left.currency} are left on it.")
    return amount.minor


async def _left_of(work: Work, paid: Row, amount: Money | None) -> int | None:
    returned = await work.find("loyalty_voucher_use", returns_id=paid["id"])
    left = None if paid["amount"] is None else paid["amount"] + sum(one["amount"] for one in returned)
    if paid["returns_id"] is not None or left == 0 or (left is None and returned):
        raise declined("useId", "ALREADY_REVERSED", "All of it was given back already.")
    if amount is None or left is None:
        return left
    if amount.currency != paid["currency"] or amount.minor <= 0:
        raise errors.Invalid.at("amount", "OUT_OF_RANGE", f"Give back more than nothing, in {paid['currency']}.")
    if amount.minor > left:
        raise declined("amount", "MORE_THAN_LEFT", "That is more than was paid and not given back yet.")
    return amount.minor


async def _use(work: Work, id: UUID | None) -> Row | None:
    return None if id is None else next(iter(await work.find("loyalty_voucher_use", id=id)), None)


async def _used(
    work: Work,
    voucher: Row,
    amount: int | None,
    left: int | None,
    *,
    order_id: UUID | None,
    id: UUID | None,
    returns_id: UUID | None = None,
) -> Row:
    values = {"id": id or ids.new(), "voucher_id": voucher["id"], "at": work.now, "actor": work.actor.stamp}
    values |= {"amount": amount, "balance_after": left, "currency": voucher["currency"]}
    return await added(work, "loyalty_voucher_use", values | {"order_id": order_id, "returns_id": returns_id})


def _same(known: Row, voucher: Row, amount: Money | None) -> Row:
    if known["voucher_id"] != voucher["id"] or (amount is not None and known["amount"] != amount.minor):
        raise _reused()
    return known


def _reused() -> errors.KeyReused:
    return errors.KeyReused("This id was used for something else; make a new one for each new intention.")


def _uuid(found: object) -> UUID:
    return found if isinstance(found, UUID) else UUID(str(found))
