"""What clients can do with vouchers."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Annotated
from uuid import UUID

from crmcore import Money, RecordRef, Ref, Row, Work, action, errors
from crmcore_loyalty.ledger.permissions import REDEEM
from crmcore_loyalty.rewards import redeeming, vouchers
from crmcore_loyalty.rewards.permissions import VOUCHERS
from crmcore_loyalty.tables.vouchers import LoyaltyVoucherKind

__all__ = ["ACTIONS", "LoyaltyVouchersIssued"]

_MOST = 500


@dataclass(frozen=True)
class LoyaltyVouchersIssued:
    """Vouchers that have new codes."""

    vouchers: Annotated[list[RecordRef], Ref("loyalty_voucher"), "The vouchers."]
    codes: Annotated[list[str] | None, "Their codes in the same order; shown this once."] = field(
        metadata={"secret": True}
    )


@action(returns=LoyaltyVouchersIssued, permission=VOUCHERS, since="0.1.0")
async def loyalty_issue_vouchers(
    work: Work,
    program_id: Annotated[UUID, Ref("loyalty_program"), "Of which program."],
    kind: Annotated[LoyaltyVoucherKind, "What they are good for."],
    value: Annotated[Money | None, "What each is worth; of a discount, nothing."] = None,
    percent: Annotated[int | None, "How many per cent each takes off; of discounts only."] = None,
    expires_at: Annotated[datetime | None, "From when on they count no more; never if absent."] = None,
    member_id: Annotated[
        UUID | None, Ref("loyalty_member"), "Whose they are; whoever's has the code if absent."
    ] = None,
    count: Annotated[int, "How many, at most 500."] = 1,
) -> LoyaltyVouchersIssued:
    """Make vouchers, gift cards or discounts; gives their codes, once."""
    if not 1 <= count <= _MOST:
        raise errors.Invalid.at("count", "OUT_OF_RANGE", f"count is 1 to {_MOST}.")
    await work.get("loyalty_program", program_id)
    if member_id is not None and (await work.get("loyalty_member", member_id))["program_id"] != program_id:
        raise errors.Invalid.at("memberId", "OTHER_PROGRAM", "This member takes part in another program.")
    minor, currency = (None, None) if value is None else (value.minor, value.currency)
    worth = vouchers.Worth(kind=kind, value=minor, currency=currency, percent=percent, expires_at=expires_at)
    worth.check(work.now)
    return _issued([await vouchers.issue(work, program_id, worth, member_id=member_id) for _ in range(count)])


@action(returns=LoyaltyVouchersIssued, permission=VOUCHERS, since="0.1.0", isolation="read committed")
async def loyalty_reissue_voucher(
    work: Work, id: Annotated[UUID, Ref("loyalty_voucher"), "Which voucher."]
) -> LoyaltyVouchersIssued:
    """Give a voucher another code, for one who has lost theirs; the one so far counts no more."""
    await work.get("loyalty_voucher", id)
    return _issued([await vouchers.reissue(work, id)])


@action(returns="loyalty_voucher", permission=VOUCHERS, since="0.1.0", isolation="read committed")
async def loyalty_void_voucher(work: Work, id: Annotated[UUID, Ref("loyalty_voucher"), "Which voucher."]) -> Row:
    """Have a voucher count no more; what was paid with it stays paid."""
    await work.get("loyalty_voucher", id)
    return await vouchers.void(work, id)


@action(returns="loyalty_voucher_use", permission=REDEEM, since="0.1.0", isolation="read committed")
async def loyalty_redeem_voucher(
    work: Work,
    code: Annotated[str, "Its code, as it was read."],
    amount: Annotated[Money | None, "How much of it; of a voucher all of it if absent, of a discount always."] = None,
    order_id: Annotated[UUID | None, Ref("order"), "Which order is paid."] = None,
    id: Annotated[
        UUID | None, Ref("loyalty_voucher_use"), "An id of your own for the use: the same one again has no more effect."
    ] = None,
) -> Row:
    """Pay with a voucher, gift card or discount; whoever has the code may, whosever it is."""
    if order_id is not None:
        await work.get("order", order_id)
    return await redeeming.redeem(work, code, amount, order_id=order_id, id=id)


@action(returns="loyalty_voucher_use", permission=VOUCHERS, since="0.1.0", isolation="read committed")
async def loyalty_return_voucher(
    work: Work,
    use_id: Annotated[UUID, Ref("loyalty_voucher_use"), "What was paid."],
    amount: Annotated[Money | None, "How much to give back; all that was not yet if absent."] = None,
    id: Annotated[
        UUID | None, Ref("loyalty_voucher_use"), "An id of your own: the same one again has no more effect."
    ] = None,
) -> Row:
    """Give what was paid with a voucher back to it, as when an order is cancelled."""
    await work.get("loyalty_voucher_use", use_id)
    return await redeeming.give_back(work, use_id, amount, id=id)


def _issued(made: list[tuple[Row, str]]) -> LoyaltyVouchersIssued:
    return LoyaltyVouchersIssued([RecordRef("loyalty_voucher", v["id"]) for v, _ in made], [code for _, code in made])


ACTIONS = (
    loyalty_issue_vouchers,
    loyalty_reissue_voucher,
    loyalty_void_voucher,
    loyalty_redeem_voucher,
    loyalty_return_voucher,
)
