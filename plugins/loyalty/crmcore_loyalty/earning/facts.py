"""What happened, as rules see it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

from crmcore_loyalty.tables.rule_terms import LoyaltyRuleBase as Base
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleTrigger as Trigger

__all__ = ["Facts", "Line", "Purchase"]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of an order.

    Attributes:

        id: the line, for refunds.
        total: what is to be paid for it, minor units.
        tax: how much of that is tax.
    """

    id: str
    total: int
    tax: int
    discount: int = 0
    quantity: int = 1
    sku: str = ""
    categories: Sequence[str] = ()

    def names(self) -> dict[str, Any]:
        """Return what conditions see of it."""
        return {
            "line.sku": self.sku,
            "line.categories": list(self.categories),
            "line.quantity": self.quantity,
            "line.total": self.total,
            "line.net": self.total - self.tax,
            "line.discount": self.discount,
        }


@dataclass(frozen=True, slots=True)
class Purchase:
    """An order: minor units of one currency."""

    currency: str
    total: int
    lines: Sequence[Line]
    shipping: int = 0
    discount: int = 0
    channel: str = "WEB"
    first: bool = False

    @property
    def goods(self) -> int:
        """What is to be paid for all lines."""
        return sum(line.total for line in self.lines)

    @property
    def net(self) -> int:
        """The same without tax."""
        return sum(line.total - line.tax for line in self.lines)

    def amount(self, base: Base) -> int:
        """Return the money that a rule counts."""
        return {Base.TOTAL: self.total, Base.GOODS: self.goods, Base.NET: self.net}[base]

    def names(self) -> dict[str, Any]:
        """Return what conditions see of it."""
        return {
            "order.total": self.total,
            "order.goods": self.goods,
            "order.net": self.net,
            "order.discount": self.discount,
            "order.shipping": self.shipping,
            "order.currency": self.currency,
            "order.channel": self.channel,
            "order.quantity": sum(line.quantity for line in self.lines),
            "order.skus": sorted({line.sku for line in self.lines if line.sku}),
            "order.categories": sorted({category for line in self.lines for category in line.categories}),
            "order.first": self.first,
        }


@dataclass(frozen=True, slots=True)
class Facts:
    """What happened to a member.

    Attributes:

        triggers: which rules it is about.
        at: when, in the business.
        zone: the program's.
        member_id, referrer_id: who did it, and who brought that member.
        member_days: for how many days they have been a member.
        member_tiers: codes of their tiers.
        purchase: the order.
        action, payload: the activity.
    """

    triggers: frozenset[Trigger]
    at: datetime
    zone: ZoneInfo
    member_id: UUID
    referrer_id: UUID | None = None
    member_days: int = 0
    member_tiers: Sequence[str] = ()
    purchase: Purchase | None = None
    action: str | None = None
    payload: Mapping[str, Any] = field(default_factory=dict)

    @property
    def local(self) -> datetime:
        """When it was by the program's clocks."""
        return self.at.astimezone(self.zone)

    def names(self) -> dict[str, Any]:
        """Return what conditions see."""
        local = self.local
        seen: dict[str, Any] = {
            "at": self.at,
            "local.month": local.month,
            "local.day": local.day,
            "local.weekday": local.isoweekday(),
            "local.hour": local.hour,
            "member.days": self.member_days,
            "member.referred": self.referrer_id is not None,
            "member.tiers": list(self.member_tiers),
        }
        if self.purchase is not None:
            seen |= self.purchase.names()
        if self.action is not None:
            seen |= {"activity.action": self.action, "payload": dict(self.payload)}
        return seen
