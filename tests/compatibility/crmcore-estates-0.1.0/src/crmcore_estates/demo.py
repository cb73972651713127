"""Properties for the demonstration data, with sellers, viewings and wishes."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from crmcore import Seeding

__all__ = ["seed"]

_PLACES = (
    ("Linke Wienzeile 40", "Wien"),
    ("Calle de Atocha 12", "Madrid"),
    ("鼓楼东大街 8", "北京"),
    ("Hafengasse 3", "Linz"),
)
_KINDS = ("FLAT", "HOUSE", "LAND", "OFFICE")


async def seed(seeding: Seeding) -> None:
    """Have every twentieth customer sell a property, and the one after them look for one."""
    customers = seeding.made["customer"]
    for seller, seeker in zip(customers[::20], customers[1::20], strict=False):
        at = seeding.calendar.moment(seeding.random, "UTC")
        estate = seeding.add("estate", _estate(seeding, seller, at), at)
        wish = {"customer_id": seeker, "kind": seeding.random.choice(_KINDS), "rooms": seeding.random.randrange(1, 6)}
        seeding.add("estate_wish", wish, at)
        for days in sorted(seeding.random.sample(range(1, 60), seeding.random.randrange(4))):
            seeding.add("estate_viewing", _viewing(seeding, estate, seeker, at + timedelta(days=days)), at)


def _estate(seeding: Seeding, seller: UUID, at: datetime) -> dict[str, Any]:
    street, city = seeding.random.choice(_PLACES)
    rooms = seeding.random.randrange(1, 7)
    values: dict[str, Any] = {
        "title": f"{rooms} rooms, {street}",
        "kind": seeding.random.choice(_KINDS),
        "street": street,
        "city": city,
    }
    values |= {"rooms": rooms, "area": rooms * 24.5, "price": rooms * 9_500_000, "price_currency": "EUR"}
    return values | {"seller_id": seller, "status": "OFFERED", "offered_at": at, "owner_id": _agent(seeding)}


def _viewing(seeding: Seeding, estate: UUID, customer: UUID, starts: datetime) -> dict[str, Any]:
    values = {"estate_id": estate, "customer_id": customer, "starts_at": starts, "minutes": 30}
    return values | {"status": "HELD" if starts < seeding.now else "BOOKED", "owner_id": _agent(seeding)}


def _agent(seeding: Seeding) -> UUID | None:
    return seeding.random.choice(seeding.made["user"]) if seeding.made["user"] else None
