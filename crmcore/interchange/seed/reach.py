"""Invent where customers can be reached: mail, numbers, messengers, addresses."""

from __future__ import annotations

from datetime import datetime
from random import Random
from uuid import UUID

from crmcore.customers.actions.normal import normalized
from crmcore.customers.tables import ContactType
from crmcore.interchange.seed.cultures import Culture, Place, digits
from crmcore.interchange.seed.seeding import Seeding

__all__ = ["add_address", "add_contact", "reach_organization", "reach_person"]


def reach_person(seeding: Seeding, culture: Culture, id: UUID, mailbox: str, domain: str, at: datetime) -> None:
    """Add a person's mail address and numbers."""
    random = seeding.random
    add_contact(
        seeding, id, ContactType.EMAIL, f"{mailbox}@{domain}", at, label="work" if domain != "mail.example" else "home"
    )
    if random.random() < 0.7:
        add_contact(seeding, id, ContactType.MOBILE, digits(random, culture.mobile), at)
    if culture.country == "CN" and random.random() < 0.6:
        add_contact(seeding, id, ContactType.MESSENGER, f"{mailbox.replace('.', '_')}", at, platform="wechat")


def reach_organization(seeding: Seeding, culture: Culture, id: UUID, domain: str, at: datetime) -> None:
    """Add an organisation's switchboard and mailbox."""
    add_contact(seeding, id, ContactType.PHONE, digits(seeding.random, culture.phone), at, label="switchboard")
    add_contact(seeding, id, ContactType.EMAIL, f"info@{domain}", at)


def add_contact(
    seeding: Seeding,
    id: UUID,
    type: ContactType,
    value: str,
    at: datetime,
    *,
    label: str | None = None,
    platform: str | None = None,
) -> None:
    """Add the customer's first contact point of a type."""
    state = seeding.random.choices(("VALID", "UNKNOWN", "BOUNCED", "INVALID"), (50, 44, 4, 2))[0]
    values = {
        "customer_id": id,
        "type": type.name,
        "value": value,
        "normalized": normalized(type, value),
        "label": label,
        "platform": platform,
        "is_primary": True,
        "state": state,
        "verified_at": at if state == "VALID" else None,
    }
    seeding.add("contact_point", values, at)


def add_address(seeding: Seeding, culture: Culture, place: Place, id: UUID, type: str, at: datetime) -> None:
    """Add the customer's first address of a type."""
    random: Random = seeding.random
    values = {
        "customer_id": id,
        "type": type,
        "lines": digits(random, random.choice(culture.streets)),
        "city": place.city.native,
        "region": place.region,
        "postal_code": digits(random, place.postal_code) or None,
        "country": culture.country,
        "is_primary": True,
    }
    seeding.add("address", values, at)
