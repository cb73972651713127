"""Codes that are worth something, what was paid with them, and who tried wrong ones."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record
from crmcore import columns as c
from crmcore_loyalty.tables.program import LoyaltyMember, LoyaltyProgram
from crmcore_loyalty.tables.rewards import LoyaltyRewardPurchase

__all__ = [
    "LoyaltyVoucher",
    "LoyaltyVoucherAttempt",
    "LoyaltyVoucherCode",
    "LoyaltyVoucherKind",
    "LoyaltyVoucherStatus",
    "LoyaltyVoucherUse",
]

_ORDER = "crmcore_orders.tables:Order"


class LoyaltyVoucherKind(Enum):
    """What a code is good for."""

    VOUCHER = "An amount, once; what is left over lapses."
    GIFT_CARD = "An amount that can be used up in parts."
    DISCOUNT = "Some per cent off, once."


class LoyaltyVoucherStatus(Enum):
    """Where a voucher stands."""

    ACTIVE = "It can be used."
    REDEEMED = "It is used up."
    VOID = "It counts no more."


class LoyaltyVoucher(Record, Table, tablename="loyalty_voucher"):
    """A voucher, gift card or discount. Its code is shown when it is made and kept nowhere; a digest of it is."""

    program_id = c.link(
        "loyalty_program", "Of which program.", references=LoyaltyProgram,
        inverse="vouchers", inverse_description="The vouchers of this program.",
    )  # fmt: skip
    member_id = c.link(
        "loyalty_member", "Whose it is; empty if it is whoever's has the code.", references=LoyaltyMember, null=True,
        inverse="vouchers", inverse_description="The vouchers, gift cards and discounts this member was given.",
    )  # fmt: skip
    kind = c.choice(LoyaltyVoucherKind, "What it is good for.")
    status = c.choice(LoyaltyVoucherStatus, "Where it stands.", default=LoyaltyVoucherStatus.ACTIVE)
    value = c.minor_units("What it was worth when it was new.", currency="currency")
    balance = c.minor_units("What it is worth now.", currency="currency")
    currency = c.currency("Of which currency.")
    percent = c.integer("How many per cent it takes off.", null=True)
    ending = c.text("The last four letters of its code, by which people tell theirs.", max_length=4, personal=False)
    issued_at = c.instant("When it was made.")
    expires_at = c.instant("The instant from which it can no longer be used.", null=True)
    voided_at = c.instant("When it was declared void.", null=True)
    purchase_id = c.link(
        "loyalty_reward_purchase", "For which order of a reward it was made.", references=LoyaltyRewardPurchase, null=True,
        inverse="vouchers", inverse_description="The vouchers it consists of.",
    )  # fmt: skip

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("program_id", "issued_at desc")),
        Index(("member_id", "issued_at desc")),
        Index(("purchase_id",)),
    )


class LoyaltyVoucherCode(Table, tablename="loyalty_voucher_code"):
    """What a voucher's code is looked up by; beside the voucher, so that no list of vouchers shows it."""

    id = c.identifier("Identifies the row.")
    voucher_id = c.link("loyalty_voucher", "Of which voucher.", references=LoyaltyVoucher)
    digest = c.text("SHA-256 of its code.", max_length=64, personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("digest",), unique=True), Index(("voucher_id",), unique=True))


class LoyaltyVoucherUse(Table, tablename="loyalty_voucher_use"):
    """That something was paid with a voucher, or given back to it. Never changed."""

    id = c.identifier("Identifies the use; the client may choose it, and asking twice has one effect.")
    voucher_id = c.link(
        "loyalty_voucher", "Which voucher.", references=LoyaltyVoucher,
        inverse="uses", inverse_description="What was paid with it.",
    )  # fmt: skip
    at = c.instant("When.")
    amount = c.minor_units("How much; below zero, what was given back.", currency="currency")
    balance_after = c.minor_units("What was left then.", currency="currency")
    currency = c.currency("Of which currency.")
    order_id = c.link(
        "order", "Which order was paid.", references=_ORDER, null=True, on_delete="SET NULL",
        inverse="loyaltyVoucherUses", inverse_description="The vouchers and gift cards it was paid with.",
    )  # fmt: skip
    returns_id = c.link(
        "loyalty_voucher_use", "Of which use it gives back.", references="self", null=True,
        inverse="returnedBy", inverse_description="What of it was given back.",
    )  # fmt: skip
    actor = c.json("Who did it, and through which door.", null=False, personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("voucher_id", "at desc")),
        Index(("order_id",)),
        Index(("returns_id",)),
    )


class LoyaltyVoucherAttempt(Table, tablename="loyalty_voucher_attempt"):
    """That somebody gave a code that is none; kept for an hour, to slow down who guesses."""

    id = c.identifier("Identifies the attempt.")
    actor = c.text("Digest of who it was.", max_length=64, personal=False)
    at = c.instant("When.")

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("actor", "at")), Index(("at",)))
