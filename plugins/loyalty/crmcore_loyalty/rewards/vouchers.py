"""Vouchers, gift cards and discounts: made, given a new code, declared void."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from crmcore import Row, Work, errors, ids
from crmcore_loyalty.rewards import codes
from crmcore_loyalty.rewards.declined import declined
from crmcore_loyalty.rewards.written import added, changed, locked
from crmcore_loyalty.tables.vouchers import LoyaltyVoucherKind, LoyaltyVoucherStatus

__all__ = ["Worth", "issue", "reissue", "void"]


@dataclass(frozen=True, kw_only=True)
class Worth:
    """What a code is good for.

    Attributes:

        kind: which kind of voucher.
        value: minor units; None for a discount.
        currency: of the value.
        percent: what a discount takes off; None for others.
        expires_at: the instant from which it counts no more; None if it counts for ever.
    """

    kind: LoyaltyVoucherKind
    value: int | None = None
    currency: str | None = None
    percent: int | None = None
    expires_at: datetime | None = None

    def check(self, now: datetime) -> None:
        """Refuse what is worth nothing.

        Raises:

            Invalid: all that is wrong with it.
        """
        wrong = []
        if self.kind is LoyaltyVoucherKind.DISCOUNT:
            if self.percent is None or not 1 <= self.percent <= 100 or self.value is not None:
                wrong.append(errors.Violation("percent", "OUT_OF_RANGE", "A discount takes 1 to 100 per cent off."))
        elif self.value is None or self.value <= 0 or self.percent is not None:
            wrong.append(errors.Violation("value", "REQUIRED", f"A {self._name} is worth an amount above zero."))
        if self.expires_at is not None and self.expires_at <= now:
            wrong.append(errors.Violation("expiresAt", "IN_THE_PAST", "It would have expired already."))
        if wrong:
            raise errors.Invalid.of(wrong)

    @property
    def _name(self) -> str:
        return self.kind.name.lower().replace("_", " ")


async def issue(
    work: Work, program_id: UUID, worth: Worth, *, member_id: UUID | None = None, purchase_id: UUID | None = None
) -> tuple[Row, str]:
    """Make a voucher.

    Returns:

        It, and its code, which nobody can find out any more once it is forgotten.
    """
    code = codes.new()
    values: Row = {"program_id": program_id, "member_id": member_id, "purchase_id": purchase_id}
    values |= {"kind": worth.kind.name, "percent": worth.percent, "expires_at": worth.expires_at}
    values |= {"value": worth.value, "balance": worth.value, "currency": worth.currency, "issued_at": work.now}
    voucher = await added(work, "loyalty_voucher", values | {"ending": _ending(code)})
    sql = "insert into loyalty_voucher_code (id, voucher_id, digest) values ($1, $2, $3)"
    await work.database.execute(sql, ids.new(), voucher["id"], _digest(code))
    return voucher, code


async def reissue(work: Work, id: UUID) -> tuple[Row, str]:
    """Give a voucher another code, for one who has lost theirs; the one so far counts no more.

    Raises:

        Declined: it is used up or void.
    """
    voucher = await _active(work, id)
    code = codes.new()
    sql = "update loyalty_voucher_code set digest = $2 where voucher_id = $1"
    await work.database.execute(sql, id, _digest(code))
    return await changed(work, "loyalty_voucher", voucher, {"ending": _ending(code)}), code


async def void(work: Work, id: UUID, *, unused: bool = False) -> Row:
    """Have a voucher count no more; one that is void stays as it is.

    Args:

        work: the unit of work.
        id: which.
        unused: whether to refuse if anything was paid with it.

    Raises:

        Declined: it is used up, or used at all.
    """
    voucher = await locked(work, "loyalty_voucher", id)
    if voucher is not None and voucher["status"] == LoyaltyVoucherStatus.VOID.name:
        return voucher
    voucher = await _active(work, id)
    if unused and voucher["balance"] != voucher["value"]:
        raise declined("id", "VOUCHER_USED", "Something was paid with its gift card; give that back first.")
    gone = {"status": LoyaltyVoucherStatus.VOID.name, "voided_at": work.now}
    return await changed(work, "loyalty_voucher", voucher, gone)


async def _active(work: Work, id: UUID) -> Row:
    voucher = await locked(work, "loyalty_voucher", id)
    if voucher is None or voucher["status"] != LoyaltyVoucherStatus.ACTIVE.name:
        raise declined("id", "VOUCHER_USED", "This voucher is used up or void; issue a new one.")
    return voucher


def _ending(code: str) -> str:
    return code.replace("-", "")[-4:]


def _digest(code: str) -> str:
    plain = codes.plain(code)
    assert plain is not None
    return codes.digest(plain)
