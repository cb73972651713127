"""The kinds of intents: what is asked, why it may be declined, and what its transaction has to move."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias

from faults import meaning
from faults.hand import Hand
from faults.meaning import Variables
from tests.faults.journal import Answer, Intent

__all__ = ["KINDS", "TOGETHER", "Kind"]

#: By bucket or house, how many times the intent's points its transaction moves there; None where that depends.
Moves: TypeAlias = Mapping[str, int]

#: Reasons that any movement of points can have, since members are merged under the clients' hands.
_ANY = frozenset({"MEMBER_NOT_ACTIVE"})
_SHORT = frozenset({"INSUFFICIENT_POINTS"})
_HOLD = frozenset({"HOLD_NOT_OPEN", "HOLD_EXPIRED"})
_LEFT = frozenset({"MORE_THAN_LEFT", "ALREADY_REVERSED"})
_GONE = frozenset({"NOTHING_PENDING"})


@dataclass(frozen=True)
class Kind:
    """One kind of intents.

    Attributes:

        field: the mutation's root field, with its arguments.
        parameters: the operation's variables and their types.
        make: the variables for a new intent; None when the client has nothing for it now.
        learn: what a client makes of the answer.
        becomes: the kind of its transaction.
        moves: what that moves.
        declined: reasons for which it may be declined; nothing else may come of it.
        code: the code that it has to be refused with, None if it may be done.
        weight: how often it is chosen.
        result: what it gives.
        desk: what it is called at the desk, where the same intent can be handed in too; None if it cannot.
        together: whether what clients ask of it at the same time is posted together.
    """

    field: str
    parameters: str
    make: Callable[[Hand], Variables | None]
    learn: Callable[[Hand, Intent, Answer], None]
    becomes: str
    moves: Moves | None = None
    declined: frozenset[str] = field(default_factory=frozenset)
    code: str | None = None
    weight: int = 6
    result: str = "LoyaltyTransaction"
    desk: str | None = None
    together: bool = False

    @property
    def text(self) -> str:
        """The document."""
        problem = "... on Problem { code message violations { path code message } }"
        return f"mutation({self.parameters}) {{ it: {self.field} {{ ... on {self.result} {{ id }} {problem} }} }}"


_AMOUNT = "$member: ID!, $currency: String!, $points: BigInt!"
_MOVE = f"$id: ID!, {_AMOUNT}"
_ASKED = "memberId: $member, currency: $currency, points: $points"
_GIVEN = f"id: $id, {_ASKED}"
_KEY = "idempotencyKey: $key"
_FOLLOW = "$id: ID!, $of: ID!"
_PART = f"{_FOLLOW}, $points: BigInt"

KINDS: Mapping[str, Kind] = {
    "earn": Kind(
        f"loyaltyAccrue({_GIVEN})",
        _MOVE,
        meaning.earn,
        meaning.earned,
        "ACCRUAL",
        {"MEMBER": 1, "ISSUED": -1},
        _ANY,
        weight=26,
        desk="accrue",
    ),
    "earn by key": Kind(
        f"loyaltyAccrue({_GIVEN}, {_KEY})",
        f"{_MOVE}, $key: String!",
        meaning.earn_by_key,
        meaning.earned,
        "ACCRUAL",
        {"MEMBER": 1, "ISSUED": -1},
        _ANY,
        desk="accrue",
    ),
    "earn by key alone": Kind(
        f"loyaltyAccrue({_ASKED}, {_KEY})",
        f"{_AMOUNT}, $key: String!",
        meaning.earn_by_key_alone,
        meaning.earned,
        "ACCRUAL",
        {"MEMBER": 1, "ISSUED": -1},
        _ANY,
        together=True,
    ),
    "earn pending": Kind(
        f"loyaltyAccrue({_GIVEN}, pending: true)",
        _MOVE,
        meaning.earn,
        meaning.wait,
        "ACCRUAL",
        {"PENDING": 1, "ISSUED": -1},
        _ANY,
        weight=8,
    ),
    "activate": Kind(
        "loyaltyActivate(id: $id, transactionId: $of)",
        _FOLLOW,
        meaning.activate,
        meaning.nothing,
        "ACTIVATION",
        None,
        _ANY | _GONE,
    ),
    "cancel": Kind(
        "loyaltyCancelPending(id: $id, transactionId: $of)",
        _FOLLOW,
        meaning.cancel,
        meaning.nothing,
        "CANCELLATION",
        None,
        _ANY | _GONE,
        weight=3,
    ),
    "redeem": Kind(
        f"loyaltyRedeem({_GIVEN})",
        _MOVE,
        meaning.spend,
        meaning.spent,
        "REDEMPTION",
        {"AVAILABLE": -1, "REDEEMED": 1},
        _ANY | _SHORT,
        weight=20,
        desk="redeem",
    ),
    "redeem by key": Kind(
        f"loyaltyRedeem({_GIVEN}, {_KEY})",
        f"{_MOVE}, $key: String!",
        meaning.spend_by_key,
        meaning.spent,
        "REDEMPTION",
        {"AVAILABLE": -1, "REDEEMED": 1},
        _ANY | _SHORT,
        desk="redeem",
    ),
    "redeem by key alone": Kind(
        f"loyaltyRedeem({_ASKED}, {_KEY})",
        f"{_AMOUNT}, $key: String!",
        meaning.spend_by_key_alone,
        meaning.spent,
        "REDEMPTION",
        {"AVAILABLE": -1, "REDEEMED": 1},
        _ANY | _SHORT,
        together=True,
    ),
    "reserve": Kind(
        f"loyaltyReserve({_GIVEN})",
        _MOVE,
        meaning.spend,
        meaning.held,
        "RESERVATION",
        {"AVAILABLE": -1, "HELD": 1},
        _ANY | _SHORT,
        weight=14,
    ),
    "capture": Kind(
        "loyaltyCapture(id: $id, holdId: $of, points: $points)",
        _PART,
        meaning.capture,
        meaning.captured,
        "CAPTURE",
        None,
        _ANY | _HOLD,
        weight=9,
    ),
    "void": Kind(
        "loyaltyVoid(id: $id, holdId: $of)",
        _FOLLOW,
        meaning.void,
        meaning.nothing,
        "RELEASE",
        None,
        _ANY | _HOLD,
        weight=4,
    ),
    "undo earning": Kind(
        "loyaltyReverse(id: $id, transactionId: $of, points: $points)",
        _PART,
        meaning.undo_earning,
        meaning.nothing,
        "REVERSAL",
        None,
        _ANY | _LEFT,
        weight=8,
    ),
    "undo spending": Kind(
        "loyaltyReverse(id: $id, transactionId: $of, points: $points)",
        _PART,
        meaning.undo_spending,
        meaning.nothing,
        "REVERSAL",
        None,
        _ANY | _LEFT,
        weight=9,
    ),
    "adjust": Kind(
        f"loyaltyAdjust({_GIVEN}, reason: $reason)",
        f"{_MOVE}, $reason: String!",
        meaning.adjust,
        meaning.nothing,
        "ADJUSTMENT",
        {"AVAILABLE": 1, "ADJUSTED": -1},
        _ANY | _SHORT,
        weight=4,
    ),
    "transfer": Kind(
        "loyaltyTransfer(id: $id, fromId: $member, toId: $to, currency: $currency, points: $points)",
        f"{_MOVE}, $to: ID!",
        meaning.transfer,
        meaning.nothing,
        "TRANSFER",
        {"AVAILABLE": 0},
        _ANY | _SHORT,
        weight=14,
    ),
    "merge": Kind(
        f"loyaltyMergeMembers(fromId: $member, intoId: $to, {_KEY})",
        "$member: ID!, $to: ID!, $key: String!",
        meaning.merge,
        meaning.nothing,
        "MERGE",
        code="VALIDATION",
        weight=2,
        result="LoyaltyMember",
    ),
    "close": Kind(
        f"loyaltyClose(memberId: $member, {_KEY})",
        "$member: ID!, $key: String!",
        meaning.close,
        meaning.nothing,
        "FORFEIT",
        code="VALIDATION",
        weight=1,
        result="LoyaltyMember",
    ),
    "reuse": Kind(
        f"loyaltyRedeem({_GIVEN})",
        _MOVE,
        meaning.reuse,
        meaning.nothing,
        "REDEMPTION",
        None,
        code="IDEMPOTENCY_KEY_REUSED",
        weight=3,
        desk="redeem",
    ),
}

#: What comes in groups: at a desk, or by GraphQL.
TOGETHER = {name: kind for name, kind in KINDS.items() if kind.desk or kind.together}
