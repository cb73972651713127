"""Invent what happened with a customer, and what is planned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

from crmcore.interchange.seed.cultures import Culture
from crmcore.interchange.seed.deals import MadeDeal
from crmcore.interchange.seed.scenarios import Contact, Scenario
from crmcore.interchange.seed.seeding import Seeding
from crmcore.interchange.seed.team import Seller

__all__ = ["Touched", "make_interactions"]

_PLANNED_SHARE = 0.12
_UNANSWERED_SHARE = 0.15


@dataclass(frozen=True, slots=True)
class Touched:
    """When a customer was last, and will next be, had to do with; None for never."""

    last: datetime | None
    next: datetime | None


def make_interactions(
    seeding: Seeding,
    scenario: Scenario,
    culture: Culture,
    seller: Seller,
    buyer: Mapping[str, Any],
    deals: Sequence[MadeDeal],
) -> Touched:
    """Add a customer's interactions.

    Args:

        seeding: the run.
        scenario: how one has to do with customers.
        culture: the customer's.
        seller: who is in charge.
        buyer: the customer's columns.
        deals: their deals; some of the interactions are about them.
    """
    random, since = seeding.random, buyer["created_at"]
    weights = [contact.weight for contact in scenario.contacts]
    last: datetime | None = None
    known = (seeding.now - since) / timedelta(days=730)
    for _ in range(min(40, round(random.expovariate(1 / scenario.interactions) * known * 1.5))):
        contact = random.choices(scenario.contacts, weights)[0]
        at = max(seeding.calendar.moment(random, buyer["timezone"], after=since.date()), since)
        happened = _happened(random, contact, culture, at)
        deal = _about(deals, at)
        seeding.add("interaction", {**_common(contact, seller, buyer, deal), **happened}, at)
        if happened["status"] == "COMPLETED":
            last = at if last is None else max(last, at)
    return Touched(last, _plan(seeding, scenario, seller, buyer, deals))


def _common(contact: Contact, seller: Seller, buyer: Mapping[str, Any], deal: UUID | None) -> dict[str, Any]:
    return {
        "kind": contact.kind,
        "channel": contact.channel,
        "direction": contact.direction,
        "customer_id": buyer["id"],
        "deal_id": deal,
        "owner_id": seller.user_id,
        "team_id": seller.team_id,
        "assignee_id": seller.user_id,
    }


def _happened(random: Random, contact: Contact, culture: Culture, at: datetime) -> dict[str, Any]:
    inbound = contact.direction == "INBOUND"
    unanswered = contact.kind == "CALL" and not inbound and random.random() < _UNANSWERED_SHARE
    seconds = random.randint(60, contact.minutes * 60) if contact.minutes and not unanswered else None
    ended = None if seconds is None else at + timedelta(seconds=seconds)
    return {
        "status": "NO_ANSWER" if unanswered else "COMPLETED",
        "subject": random.choice(contact.subjects),
        "body": random.choice(culture.messages) if inbound else None,
        "occurred_at": at,
        "ended_at": ended,
        "duration_seconds": seconds,
        "completed_at": None if unanswered else ended or at,
        "sentiment": round(random.uniform(-0.6, 1.0), 2) if inbound and random.random() < 0.5 else None,
    }


def _about(deals: Sequence[MadeDeal], at: datetime) -> UUID | None:
    return next((d.id for d in deals if d.since <= at and (d.until is None or at <= d.until)), None)


def _plan(
    seeding: Seeding, scenario: Scenario, seller: Seller, buyer: Mapping[str, Any], deals: Sequence[MadeDeal]
) -> datetime | None:
    random = seeding.random
    if random.random() >= _PLANNED_SHARE or buyer["created_at"] > seeding.now - timedelta(days=7):
        return None
    contact = random.choice([c for c in scenario.contacts if c.direction == "OUTBOUND"])
    made = seeding.now - timedelta(seconds=random.randint(3_600, 6 * 86_400))
    due = made + timedelta(days=random.randint(3, 24))
    planned = {"status": "PLANNED", "subject": random.choice(contact.subjects), "due_at": due}
    seeding.add("interaction", {**_common(contact, seller, buyer, _about(deals, seeding.now)), **planned}, made)
    return due
