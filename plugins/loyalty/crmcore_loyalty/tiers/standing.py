"""A standing as values, and what one evaluation of it says."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec

from crmcore_loyalty.tables.standings import LoyaltyStandingState, LoyaltyTierMove
from crmcore_loyalty.tiers.periods import Window

__all__ = ["NOWHERE", "Evaluation", "History", "Move", "Standing", "standing_of"]

#: What counts of a member, by when it happened; the earliest first, what was undone as negative amounts.
History = tuple[tuple[datetime, int], ...]


class Standing(msgspec.Struct, frozen=True, gc=False):
    """Where a member stands: what is remembered from one evaluation to the next.

    Attributes:

        tier_id: the tier, None below the lowest.
        until: to when it lasts without anything more.
        warned_until: of which `until` the member was warned.
        reason: why it was given by hand.
    """

    tier_id: UUID | None
    state: LoyaltyStandingState = LoyaltyStandingState.ACTIVE
    since: datetime | None = None
    until: datetime | None = None
    grace_until: datetime | None = None
    warned_until: datetime | None = None
    reason: str | None = None


#: Where everybody begins.
NOWHERE = Standing(None)


class Move(msgspec.Struct, frozen=True):
    """What happened to a standing.

    Attributes:

        at: when: the end of a period or of grace days where these brought it about, however late somebody looked.
        amounts: what counted, the present period first.
    """

    kind: LoyaltyTierMove
    before: Standing
    after: Standing
    at: datetime
    amounts: tuple[int, ...]


class Evaluation(msgspec.Struct, frozen=True):
    """What the rules say of a member.

    Attributes:

        standing: where they stand now.
        moves: how they came there from where they stood, in order; empty if nothing happened.
        amounts: what counts, the present period first.
        window: the present period.
        next_tier_id: the next higher tier.
        missing: what is missing for that one.
        keep_missing: what is missing to keep the present one beyond its end; None if it has none, or nothing can be done now.
        warn: whether they are to be told that it is at risk.
        due_at: when time alone may change any of this.
    """

    standing: Standing
    moves: tuple[Move, ...]
    amounts: tuple[int, ...]
    window: Window
    next_tier_id: UUID | None
    missing: int | None
    keep_missing: int | None
    warn: bool
    due_at: datetime | None

    @property
    def qualified(self) -> int:
        """What counts in the present period."""
        return self.amounts[0]


def standing_of(row: Mapping[str, Any] | None) -> Standing:
    """Read what is remembered from a row of `loyalty_standing`, JSON of it or None."""
    if row is None:
        return NOWHERE
    return Standing(
        row["tier_id"],
        LoyaltyStandingState[row["state"]],
        row["since"],
        row["until"],
        row["grace_until"],
        row["warned_until"],
        row["reason"],
    )
