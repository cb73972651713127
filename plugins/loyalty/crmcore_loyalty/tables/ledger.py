"""The ledger: transactions and their entries are written once; accounts, lots and holds are what they add up to.

Links of what is written once, by whoever has locked the account, are no foreign keys: to look them up took as long as writing the
rows. `crm loyalty verify` sees that they lead somewhere (I16).
"""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index
from crmcore import columns as c
from crmcore_loyalty.tables.program import LoyaltyCurrency, LoyaltyMember

__all__ = [
    "LoyaltyAccount",
    "LoyaltyBucket",
    "LoyaltyEntry",
    "LoyaltyHold",
    "LoyaltyHoldState",
    "LoyaltyHouse",
    "LoyaltyLot",
    "LoyaltyLotMove",
    "LoyaltyTransaction",
    "LoyaltyTransactionKind",
    "LoyaltyTransactionStatus",
]


class LoyaltyTransactionKind(Enum):
    """What a transaction does."""

    ACCRUAL = "Points are earned."
    ACTIVATION = "Points that were pending can be spent."
    CANCELLATION = "Points that were pending will not come."
    REDEMPTION = "Points are spent."
    RESERVATION = "Points are set aside for a time."
    CAPTURE = "Points that were set aside are spent; the rest is free again."
    RELEASE = "Points that were set aside are free again."
    EXPIRY = "Points have expired."
    REVERSAL = "A transaction is undone, wholly or in part."
    ADJUSTMENT = "Somebody corrects a balance by hand."
    TRANSFER = "Points go from one member to another."
    MERGE = "All points go from a member to the one it goes on as."
    FORFEIT = "All points lapse, since the member has left."


class LoyaltyTransactionStatus(Enum):
    """Whether a transaction came about."""

    POSTED = "It did."
    DECLINED = "It did not, and never will under this id; the reason is said."


class LoyaltyBucket(Enum):
    """The accounts of one member in one currency."""

    AVAILABLE = "Can be spent."
    PENDING = "Was earned and cannot be spent yet."
    HELD = "Is set aside."


class LoyaltyHouse(Enum):
    """The other side: our own accounts. Their balances are sums of entries, kept nowhere."""

    ISSUED = "What was ever earned, as a debt of ours."
    REDEEMED = "What was spent."
    EXPIRED = "What expired or lapsed."
    ADJUSTED = "What was corrected by hand."
    PARTNER = "What partners earn or redeem with our members."


class LoyaltyHoldState(Enum):
    """What became of points set aside."""

    OPEN = "They still are."
    CAPTURED = "They were spent, at least in part."
    VOIDED = "Somebody gave them back."
    EXPIRED = "Their time ran out."


class LoyaltyAccount(Table, tablename="loyalty_account"):
    """What a member has in one currency: the sums of its entries, and the row that writers of it queue at."""

    id = c.identifier("Identifies the account.")
    member_id = c.link(
        "loyalty_member", "Whose it is.", references=LoyaltyMember,
        inverse="balances", inverse_description="What this member has, by currency.",
    )  # fmt: skip
    currency_id = c.link("loyalty_currency", "In which currency.", references=LoyaltyCurrency)
    available = c.big_integer("What can be spent; below zero where clawing back took more than there was.", default=0)
    pending = c.big_integer("What was earned and cannot be spent yet.", default=0)
    held = c.big_integer("What is set aside.", default=0)
    owed = c.big_integer("How much of what comes next pays for what was clawed back; part of `available`.", default=0)
    accrued = c.big_integer("All that was ever earned, less what was undone.", default=0)
    redeemed = c.big_integer("All that was ever spent, less what was undone.", default=0)
    expired = c.big_integer("All that ever expired or lapsed.", default=0)
    last_version = c.big_integer("The number of its latest entry.", default=0)
    closed = c.flag("Whether the member has left or went on as another, so that nothing comes or goes any more.")
    expires_at = c.instant(
        "When all that can be spent expires unless the member earns or redeems before; empty where points expire by when "
        "they came.",
        null=True,
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("member_id", "currency_id"), unique=True),
        Index(("expires_at", "id"), where="expires_at is not null"),
    )


class LoyaltyTransaction(Table, tablename="loyalty_transaction"):
    """What was asked of the ledger and what came of it, refusals included; its id is the idempotency key. Never changed."""

    id = c.identifier("Identifies the transaction; the client may choose it, and asking twice has one effect.")
    kind = c.choice(LoyaltyTransactionKind, "What it does.")
    status = c.choice(LoyaltyTransactionStatus, "Whether it came about.")
    reason_code = c.text("Why it was declined, as in INSUFFICIENT_POINTS.", null=True, max_length=60, personal=False)
    reason = c.text("Why it was declined, or done, in a sentence.", null=True, max_length=500, personal=False)
    currency_id = c.link("loyalty_currency", "In which currency.", references=None)
    member_id = c.link(
        "loyalty_member", "Whose points it moves.", references=None,
        inverse="transactions", inverse_description="What was done with this member's points, declined ones included.",
    )  # fmt: skip
    other_member_id = c.link(
        "loyalty_member", "Who gets them, in a transfer or merge.", references=None, null=True,
        inverse="received", inverse_description="What came from other members.",
    )  # fmt: skip
    points = c.big_integer("How many it moves, as a positive number; of an adjustment the sign counts.")
    event_at = c.instant("When it happened in the business.")
    recorded_at = c.instant("When it was written here.")
    reverses_id = c.link(
        "loyalty_transaction", "Which transaction it undoes, activates, captures or gives back.", references=None, null=True,
        inverse="followedBy", inverse_description="What undid, activated, captured or gave back this one.",
    )  # fmt: skip
    source_type = c.text("What it comes from: an entity's name.", null=True, max_length=60, personal=False)
    source_id = c.text("Which record it comes from.", null=True, max_length=200, personal=False)
    fingerprint = c.text("SHA-256 of what was asked.", max_length=64, personal=False)
    actor = c.json("Who asked, and through which door.", null=False, personal=False)
    trace = c.json("Why so many points: rules, versions, inputs.", null=True, personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("member_id", "recorded_at desc")),
        Index(("other_member_id", "recorded_at desc"), where="other_member_id is not null"),
        Index(("reverses_id",), where="reverses_id is not null"),
        Index(("source_type", "source_id"), where="source_id is not null"),
        Index(("currency_id", "recorded_at")),
    )


class LoyaltyEntry(Table, tablename="loyalty_entry"):
    """One side of a transaction; all of one transaction add up to zero. Never changed."""

    id = c.identifier("Identifies the entry.")
    transaction_id = c.link(
        "loyalty_transaction", "Of which transaction.", references=None,
        inverse="entries", inverse_description="What it adds to and takes from which account.",
    )  # fmt: skip
    account_id = c.link("loyalty_account", "Which member's account; empty for our own.", references=None, null=True)
    member_id = c.link(
        "loyalty_member", "Whose account; empty for our own.", references=None, null=True,
        inverse="ledger", inverse_description="Every movement of this member's points.",
    )  # fmt: skip
    bucket = c.choice(LoyaltyBucket, "Which of the member's accounts.", null=True)
    house = c.choice(LoyaltyHouse, "Which of our own accounts.", null=True)
    currency_id = c.link("loyalty_currency", "In which currency.", references=None)
    amount = c.big_integer("What it adds; below zero, what it takes.")
    balance_after = c.big_integer("What the member's account then held; empty for our own.", null=True)
    number = c.big_integer(
        "Its place among all entries of the account, without gaps from 1; empty for our own.", null=True
    )
    event_at = c.instant("When it happened in the business.")
    recorded_at = c.instant("When it was written here.")

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("account_id", "number"), unique=True, where="account_id is not null"),
        Index(("transaction_id",)),
        Index(("member_id", "recorded_at desc"), where="member_id is not null"),
        Index(("currency_id", "house", "recorded_at"), where="house is not null"),
    )


class LoyaltyLot(Table, tablename="loyalty_lot"):
    """Points that came together and expire together. Only what is left of them changes."""

    id = c.identifier("Identifies the lot.")
    account_id = c.link("loyalty_account", "In which account.", references=None)
    member_id = c.link(
        "loyalty_member", "Whose they are.", references=None,
        inverse="lots", inverse_description="This member's points by when they came and expire.",
    )  # fmt: skip
    currency_id = c.link("loyalty_currency", "In which currency.", references=None)
    transaction_id = c.link(
        "loyalty_transaction", "What brought them.", references=None,
        inverse="lots", inverse_description="The points it brought.",
    )  # fmt: skip
    origin_id = c.link(
        "loyalty_lot", "The lot of another member they were part of.", references=None, null=True,
    )  # fmt: skip
    earned_at = c.instant("When they were earned in the business.")
    active_at = c.instant("From when on they can be spent; empty while that depends on an event.", null=True)
    expires_at = c.instant("The instant at which they expire; empty if they do not.", null=True)
    original = c.big_integer("How many there were.")
    came_as = c.choice(
        LoyaltyBucket,
        "As what its points came, all of them at once; empty where its moves say how they did.",
        null=True,
    )
    remaining = c.big_integer("How many of them can be spent.")
    pending = c.big_integer("How many of them are pending.")
    held = c.big_integer("How many of them are set aside.")
    spent = c.flag("Whether nothing is left of them.")
    due_at = c.instant(
        "When something is to be done with them next: that they can be spent, or that they expire; empty if nothing is.",
        null=True,
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("member_id", "spent", "expires_at")),
        Index(("transaction_id",)),
        Index(("due_at", "account_id"), where="due_at is not null"),
        Index(("origin_id",), where="origin_id is not null"),
        Index(("currency_id", "earned_at")),
    )


class LoyaltyHold(Table, tablename="loyalty_hold"):
    """Points set aside for a time, as for a basket: captured, voided or expired exactly once."""

    id = c.identifier("Identifies the hold; it is the reservation's own id.")
    account_id = c.link("loyalty_account", "In which account.", references=LoyaltyAccount)
    member_id = c.link(
        "loyalty_member", "Whose points.", references=LoyaltyMember,
        inverse="holds", inverse_description="Points of this member that are or were set aside.",
    )  # fmt: skip
    currency_id = c.link("loyalty_currency", "In which currency.", references=LoyaltyCurrency)
    points = c.big_integer("How many were set aside.")
    captured = c.big_integer("How many of them were spent.", default=0)
    state = c.choice(LoyaltyHoldState, "What became of them.", default=LoyaltyHoldState.OPEN)
    expires_at = c.instant("When their time runs out.")
    ended_at = c.instant("When they were captured, given back or ran out.", null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("account_id", "state")),
        Index(("member_id", "expires_at desc")),
        Index(("state", "expires_at", "id")),
    )


class LoyaltyLotMove(Table, tablename="loyalty_lot_move"):
    """What a transaction added to or took from a lot. Never changed.

    Σ by lot and bucket, with what the lot came with (`came_as`), is what the lot has there.
    """

    id = c.identifier("Identifies the move.")
    transaction_id = c.link("loyalty_transaction", "Of which transaction.", references=None)
    lot_id = c.link("loyalty_lot", "Of which lot.", references=None)
    bucket = c.choice(LoyaltyBucket, "Which part of the lot.")
    amount = c.big_integer("What it adds; below zero, what it takes.")
    hold_id = c.link("loyalty_hold", "For which hold, of what is set aside.", references=None, null=True)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("transaction_id",)), Index(("lot_id",)))
