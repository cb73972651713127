"""Who sells: regions as teams, a manager each, and sales people with their roles."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from crmcore.interchange.seed.cultures import Culture, cultures
from crmcore.interchange.seed.people import person
from crmcore.interchange.seed.seeding import Seeding

__all__ = ["Seller", "make_team"]

#: Which cultures a region looks after.
_REGIONS: Mapping[str, tuple[str, ...]] = {
    "Europe and Middle East": ("en-GB", "de-DE", "fr-FR", "ar-AE"),
    "Americas": ("en-US", "es-MX", "pt-BR"),
    "Asia and Pacific": ("zh-Hans-CN", "ja-JP", "ko-KR", "hi-IN"),
}
_DOMAIN = "crm.example"


@dataclass(frozen=True, slots=True)
class Seller:
    """Somebody who owns records."""

    user_id: UUID
    team_id: UUID


async def make_team(seeding: Seeding) -> Mapping[str, list[Seller]]:
    """Add regions and people, and return who sells to a culture, by its locale."""
    by_locale = {culture.locale: culture for culture in cultures()}
    sellers: dict[str, list[Seller]] = defaultdict(list)
    hired = seeding.now - timedelta(days=800)
    count = max(2, min(20, seeding.size // 750))
    for region, locales in _REGIONS.items():
        team = await seeding.have("team", {"name": region}, {}, hired)
        home = [by_locale[locale] for locale in locales]
        manager = await _user(seeding, seeding.random.choice(home), "manager", hired)
        people = [manager, *[await _user(seeding, home[n % len(home)], "sales", hired) for n in range(count)]]
        for user in people:
            await seeding.have("team_membership", {"team_id": team, "user_id": user}, {}, hired)
        for locale in locales:
            sellers[locale] += [Seller(user, team) for user in people]
    await seeding.flush()
    return sellers


async def _user(seeding: Seeding, culture: Culture, role: str, hired: datetime) -> UUID:
    somebody = person(seeding.random, culture)
    address = f"{somebody.mailbox}@{_DOMAIN}"
    if address in seeding.taken:
        address = f"{somebody.mailbox}{len(seeding.taken)}@{_DOMAIN}"
    seeding.taken.add(address)
    values = {"name": somebody.full_name, "locale": culture.locale, "timezone": culture.zones[0]}
    user = await seeding.have("user", {"email": address}, values, hired)
    if (role_id := await seeding.find("role", key=role)) is not None:
        await seeding.have("role_assignment", {"role_id": role_id, "user_id": user}, {}, hired)
    return user
