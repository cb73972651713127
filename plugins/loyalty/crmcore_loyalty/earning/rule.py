"""A rule as the engine reads it: values, no rows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from crmcore_loyalty.earning import hours
from crmcore_loyalty.tables.rule_terms import (
    LoyaltyRuleBase,
    LoyaltyRuleCalendar,
    LoyaltyRuleEffect,
    LoyaltyRulePeriod,
    LoyaltyRuleRecipient,
    LoyaltyRuleRounding,
    LoyaltyRuleStacking,
    LoyaltyRuleTrigger,
)

__all__ = ["Campaign", "Rule", "read"]


@dataclass(frozen=True, slots=True)
class Campaign:
    """What rules of one campaign share; see the columns of `LoyaltyCampaign`."""

    code: str
    valid_from: datetime | None
    valid_until: datetime | None
    budget: int | None
    active: bool


@dataclass(frozen=True, slots=True)
class Rule:
    """One revision of a rule; see the columns of `LoyaltyRule`."""

    id: UUID
    program_id: UUID
    currency_id: UUID
    code: str
    revision: int
    name: str
    trigger: LoyaltyRuleTrigger
    effect: LoyaltyRuleEffect
    action: str | None = None
    condition: str | None = None
    points: int = 0
    per_amount: int | None = None
    money: str | None = None
    base: LoyaltyRuleBase = LoyaltyRuleBase.TOTAL
    factor: Decimal | None = None
    rounding: LoyaltyRuleRounding = LoyaltyRuleRounding.DOWN
    tiered: bool = True
    stacking: LoyaltyRuleStacking = LoyaltyRuleStacking.ADDITIVE
    priority: int = 0
    recipient: LoyaltyRuleRecipient = LoyaltyRuleRecipient.MEMBER
    valid_from: datetime | None = None
    valid_until: datetime | None = None
    hours: Sequence[hours.Hours] = ()
    calendar: LoyaltyRuleCalendar = LoyaltyRuleCalendar.GREGORIAN
    month: int | None = None
    day: int | None = None
    limit_times: int | None = None
    limit_points: int | None = None
    limit_period: LoyaltyRulePeriod = LoyaltyRulePeriod.EVER
    cooldown_minutes: int = 0
    first: int | None = None
    budget: int | None = None
    pending_days: int | None = None
    pending_until_event: bool = False
    campaign: Campaign | None = None

    @property
    def order(self) -> tuple[int, str, UUID]:
        """In which order rules are taken: greater priority first, then by code."""
        return -self.priority, self.code, self.id


#: Columns whose texts name members of closed sets.
_SETS: Mapping[str, Any] = {
    "trigger": LoyaltyRuleTrigger,
    "effect": LoyaltyRuleEffect,
    "base": LoyaltyRuleBase,
    "rounding": LoyaltyRuleRounding,
    "stacking": LoyaltyRuleStacking,
    "recipient": LoyaltyRuleRecipient,
    "calendar": LoyaltyRuleCalendar,
    "limit_period": LoyaltyRulePeriod,
}
_OTHERS = ("factor", "hours", "campaign")


def read(row: Mapping[str, Any], campaign: Mapping[str, Any] | None = None) -> Rule:
    """Read a rule from its row, which was checked when it was saved."""
    plain = {name: row[name] for name in Rule.__slots__ if name not in _SETS and name not in _OTHERS}
    sets = {name: kind[row[name]] for name, kind in _SETS.items()}
    return Rule(
        **plain,
        **sets,
        factor=None if row["factor"] is None else Decimal(row["factor"]),
        hours=hours.read(row["hours"]),
        campaign=None if campaign is None else Campaign(**{name: campaign[name] for name in Campaign.__slots__}),
    )
