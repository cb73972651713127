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
    count = max(2, min(20, seeding.size // 750))
    for region, locales in _REGIONS.items():
        team = await _team(seeding, region)
        home = [by_locale[locale] for locale in locales]
        manager = await _user(seeding, seeding.random.choice(home), "manager")
        people = [manager, *[await _user(seeding, home[n % len(home)], "sales") for n in range(count)]]
        for user in people:
            if await seeding.find("team_membership", team_id=team, user_id=user) is None:
                seeding.add("team_membership", {"team_id": team, "user_id": user}, _hired(seeding))
        for locale in locales:
            sellers[locale] += [Seller(user, team) for user in people]
    await seeding.flush()
    return sellers


async def _team(seeding: Seeding, name: str) -> UUID:
    return await seeding.find("team", name=name) or seeding.add("team", {"name": name}, _hired(seeding))


async def _user(seeding: Seeding, culture: Culture, role: str) -> UUID:
    somebody = person(seeding.random, culture)
    address = f"{somebody.mailbox}@{_DOMAIN}"
    if (there := await seeding.find("user", email=address)) is not None:
        return there
    if address in seeding.taken:
        address = f"{somebody.mailbox}{len(seeding.taken)}@{_DOMAIN}"
    seeding.taken.add(address)
    values = {"name": somebody.full_name, "email": address, "locale": culture.locale, "timezone": culture.zones[0]}
    user = seeding.add("user", values, _hired(seeding))
    if (role_id := await seeding.find("role", key=role)) is not None:
        seeding.add("role_assignment", {"role_id": role_id, "user_id": user}, _hired(seeding))
    return user


def _hired(seeding: Seeding) -> datetime:
    return seeding.now - timedelta(days=800)
