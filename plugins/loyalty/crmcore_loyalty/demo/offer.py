"""The program of the demonstration: its points, rules, tiers, rewards, and an evening for members."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crmcore import Seeding

__all__ = ["offer"]

_EUR = "EUR"
_RULES: tuple[tuple[str, dict[str, Any]], ...] = (
    ("WELCOME", {"name": "Welcome", "trigger": "SIGN_UP", "effect": "FIXED", "points": 50}),
    (
        "EURO",
        {
            "name": "A point for each euro",
            "trigger": "ORDER",
            "effect": "PER_AMOUNT",
            "points": 1,
            "per_amount": 100,
            "money": _EUR,
        },
    ),
    ("BIRTHDAY", {"name": "Happy birthday", "trigger": "BIRTHDAY", "effect": "FIXED", "points": 30}),
)
_TIERS = (("BLUE", "Blue", 0, 100), ("SILVER", "Silver", 100, 125), ("GOLD", "Gold", 250, 150))
_REWARDS: tuple[tuple[str, dict[str, Any]], ...] = (
    ("SPOON", {"title": "Honey spoon", "titles": {"de": "Honiglöffel"}, "kind": "PRODUCT", "points": 60, "stock": 200}),
    ("FIVE", {"title": "Five per cent off", "kind": "DISCOUNT", "points": 40, "percent": 5, "code_days": 90}),
    (
        "CARD",
        {
            "title": "Gift card",
            "titles": {"de": "Gutschein", "zh-Hans": "礼品卡"},
            "kind": "GIFT_CARD",
            "points": 100,
            "value": 1000,
            "value_currency": _EUR,
        },
    ),
    (
        "CRATE",
        {
            "title": "Crate of jams",
            "kind": "PRODUCT",
            "points": 150,
            "cash": 990,
            "cash_currency": _EUR,
            "stock": 40,
            "per_member": 1,
        },
    ),
)


async def offer(seeding: Seeding) -> UUID | None:
    """Make the program; None if this CRM has one of the same code already."""
    at = seeding.now - timedelta(days=729)
    if await seeding.find("loyalty_program", code="JAR") is not None:
        return None
    values = {"code": "JAR", "name": "Jar by jar", "timezone": "Europe/Vienna", "status": "ACTIVE"}
    values |= {"join_policy": "FIRST_ORDER", "order_trigger": "PAID"}
    program = seeding.add("loyalty_program", values, at)
    points = {"program_id": program, "code": "POINTS", "name": "Points", "kind": "REDEEMABLE"}
    points |= {"expiry": "ROLLING", "expiry_months": 12, "point_cost": 4000, "money": _EUR}
    currency = seeding.add("loyalty_currency", points, at)
    _rules(seeding, program, currency, at)
    _tiers(seeding, program, currency, at)
    for code, reward in _REWARDS:
        more = {"program_id": program, "currency_id": currency, "code": code, "active": True}
        seeding.add("loyalty_reward", more | reward, at)
    _evening(seeding, program, at)
    await seeding.flush()
    return program


def _rules(seeding: Seeding, program: UUID, currency: UUID, at: datetime) -> None:
    for code, rule in _RULES:
        values = {"program_id": program, "currency_id": currency, "code": code, "revision": 1}
        seeding.add("loyalty_rule", values | {"status": "PUBLISHED", "published_at": at} | rule, at)


def _tiers(seeding: Seeding, program: UUID, currency: UUID, at: datetime) -> None:
    values = {"program_id": program, "code": "STATUS", "name": "Status", "metric": "POINTS", "currency_id": currency}
    group = seeding.add("loyalty_tier_group", values | {"period": "ROLLING", "months": 12, "grace_days": 30}, at)
    for rank, (code, name, threshold, percent) in enumerate(_TIERS, 1):
        tier = {"group_id": group, "rank": rank, "code": code, "name": name}
        seeding.add("loyalty_tier", tier | {"threshold": threshold, "earn_percent": percent}, at)


def _evening(seeding: Seeding, program: UUID, at: datetime) -> None:
    starts = seeding.now + timedelta(days=21, hours=17)
    values: dict[str, Any] = {"program_id": program, "title": "An evening in the jam kitchen", "place": "Wien"}
    values |= {"starts_at": starts, "ends_at": starts + timedelta(hours=3), "capacity": 12, "activity": "EVENT"}
    seeding.add("loyalty_event", values, at)
