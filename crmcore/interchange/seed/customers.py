"""Invent customers with everything around them: organisations with the people who work there, and people alone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from math import log
from typing import Any
from uuid import UUID

from crmcore.database.money import digits
from crmcore.interchange.seed.cultures import Culture, Place, cultures
from crmcore.interchange.seed.deals import RATES, MadeDeal, make_deal
from crmcore.interchange.seed.interactions import make_interactions
from crmcore.interchange.seed.lifecycle import add_steps, lifecycle
from crmcore.interchange.seed.people import person
from crmcore.interchange.seed.reach import add_address, reach_organization, reach_person
from crmcore.interchange.seed.scenarios import Scenario
from crmcore.interchange.seed.seeding import Seeding
from crmcore.interchange.seed.setup import Setup
from crmcore.interchange.seed.team import Seller

__all__ = ["Customers"]

_SUBSIDIARIES = 0.08
_TAGGED = 0.3
_FROM_THE_BEGINNING = 0.45
_BANDS = (
    ("UP_TO_10", 6),
    ("UP_TO_50", 40),
    ("UP_TO_200", 120),
    ("UP_TO_500", 350),
    ("UP_TO_1000", 800),
    ("OVER_1000", 3000),
)
_SOURCES = (("WEB", 30), ("REFERRAL", 20), ("EVENT", 15), ("CALL", 10), ("AD", 10), ("SOCIAL", 8), ("PARTNER", 7))


class Customers:
    """Makes customers one household after the other.

    Args:

        seeding: the run.
        scenario: which business it is.
        setup: pipeline, reasons, tags.
        sellers: who sells to a culture, by its locale.
    """

    def __init__(
        self, seeding: Seeding, scenario: Scenario, setup: Setup, sellers: Mapping[str, Sequence[Seller]]
    ) -> None:
        self._seeding, self._scenario, self._setup, self._sellers = seeding, scenario, setup, sellers
        self._domains: set[str] = set()
        self._parents: dict[str, list[UUID]] = defaultdict(list)
        self._cultures = cultures()
        self._weights = [culture.weight for culture in self._cultures]

    def make(self, at_most: int) -> int:
        """Add an organisation with some of its people, or a person alone; return how many customers that are."""
        random = self._seeding.random
        culture = random.choices(self._cultures, self._weights)[0]
        seller, place = random.choice(self._sellers[culture.locale]), random.choice(culture.places)
        since = self._since(random.choice(culture.zones))
        if at_most == 1 or random.random() < self._scenario.alone:
            self._person(culture, place, seller, since, None)
            return 1
        people = min(at_most - 1, random.randint(1, 6))
        self._organization(culture, place, seller, since, people)
        return people + 1

    def _since(self, zone: str) -> datetime:
        # Many were customers before the story begins; they appear in its first weeks.
        calendar, random = self._seeding.calendar, self._seeding.random
        before = calendar.since + timedelta(days=60) if random.random() < _FROM_THE_BEGINNING else None
        return calendar.moment(random, zone, before=before)

    def _organization(self, culture: Culture, place: Place, seller: Seller, since: datetime, people: int) -> None:
        random = self._seeding.random
        name, label, industry = culture.company(random, place)
        domain = self._domain(label)
        band, heads = random.choices(_BANDS, (20, 30, 25, 14, 7, 4))[0]
        revenue = int(random.lognormvariate(log(heads * 120_000 / RATES[culture.currency]), 0.5)) // 1000 * 1000
        row = self._row(culture, seller, since) | {
            "kind": "ORGANIZATION",
            "display_name": name,
            "legal_name": name,
            "industry": industry,
            "employee_band": band,
            "annual_revenue": revenue * 10 ** digits(culture.currency),
            "annual_revenue_currency": culture.currency,
            "website": f"https://www.{domain}",
            "domain": domain,
            "parent_id": self._parent(culture),
        }
        reach_organization(self._seeding, culture, row["id"], domain, since)
        add_address(self._seeding, culture, place, row["id"], "OFFICE", since)
        deals = self._deals(row, seller)
        self._finish(row, culture, seller, deals)
        self._parents[culture.locale] = [*self._parents[culture.locale][-20:], row["id"]]
        staff = [self._employee(culture, place, seller, row, deals) for _ in range(people)]
        for deal in deals:
            contact = {
                "deal_id": deal.id,
                "customer_id": random.choice(staff),
                "role": "DECISION_MAKER",
                "is_primary": True,
            }
            self._seeding.add("deal_contact", contact, deal.since)

    def _employee(
        self, culture: Culture, place: Place, seller: Seller, employer: Mapping[str, Any], deals: Sequence[MadeDeal]
    ) -> UUID:
        random = self._seeding.random
        since = min(
            employer["created_at"] + timedelta(seconds=random.randint(0, 60 * 86_400)),
            self._seeding.now - timedelta(hours=1),
        )
        job = random.choice(culture.jobs)
        id = self._person(culture, place, seller, max(since, employer["created_at"]), employer["domain"], job, deals)
        started = date(random.randint(2005, 2023), random.randint(1, 12), 1)
        relation = {
            "from_id": id,
            "to_id": employer["id"],
            "type": "EMPLOYED_BY",
            "role": job,
            "is_primary": True,
            "started_on": started,
        }
        self._seeding.add("customer_relation", relation, since)
        return id

    def _person(
        self, culture: Culture, place: Place, seller: Seller, since: datetime, domain: str | None, job: str | None = None,
        deals: Sequence[MadeDeal] | None = None,
    ) -> UUID:  # fmt: skip
        random = self._seeding.random
        somebody = person(random, culture)
        row = self._row(culture, seller, since) | {
            "kind": "PERSON",
            "display_name": somebody.full_name,
            "given_name": somebody.given,
            "family_name": somebody.family,
            "gender": ("FEMALE" if somebody.female else "MALE") if random.random() < 0.6 else None,
            "job_title": job,
        }
        if domain is None:
            row["birth_date"] = date(random.randint(1944, 2006), random.randint(1, 12), random.randint(1, 28))
            add_address(self._seeding, culture, place, row["id"], "HOME", since)
        mailbox = somebody.mailbox if domain else f"{somebody.mailbox}{random.randint(1, 9999)}"
        reach_person(self._seeding, culture, row["id"], mailbox, domain or "mail.example", since)
        own = self._deals(row, seller) if deals is None else []
        self._finish(row, culture, seller, own if deals is None else deals)
        return UUID(str(row["id"]))

    def _row(self, culture: Culture, seller: Seller, since: datetime) -> dict[str, Any]:
        random = self._seeding.random
        return {
            "id": self._seeding.id(since),
            "created_at": since,
            "source": random.choices([s for s, _ in _SOURCES], [w for _, w in _SOURCES])[0],
            "first_touch_at": since,
            "locale": culture.locale,
            "timezone": random.choice(culture.zones),
            "currency": culture.currency,
            "country": culture.country,
            "do_not_call": random.random() < 0.03,
            "owner_id": seller.user_id,
            "team_id": seller.team_id,
        }

    def _deals(self, row: Mapping[str, Any], seller: Seller) -> list[MadeDeal]:
        random, scenario = self._seeding.random, self._scenario
        if random.random() >= scenario.buyers:
            return []
        first = row["created_at"].date() + timedelta(days=1)
        if first >= self._seeding.calendar.until:
            return []
        count = 1 + min(7, int(random.expovariate(1 / max(0.01, scenario.deals - 0.5))))
        begins = sorted(self._seeding.calendar.moment(random, row["timezone"], after=first) for _ in range(count))
        return [make_deal(self._seeding, scenario, self._setup, seller, row, at) for at in begins]

    def _finish(self, row: dict[str, Any], culture: Culture, seller: Seller, deals: Sequence[MadeDeal]) -> None:
        seeding, random = self._seeding, self._seeding.random
        steps = lifecycle(random, row["created_at"], seeding.now, deals)
        add_steps(seeding, row["id"], steps)
        touched = make_interactions(seeding, self._scenario, culture, seller, row, deals)
        row |= {
            "lifecycle_stage": steps[-1].stage,
            "lifecycle_entered_at": steps[-1].at,
            "lifecycle_reason": steps[-1].reason,
            "last_interaction_at": touched.last,
            "next_interaction_at": touched.next,
            "updated_at": steps[-1].at,
            "version": len(steps),
        }
        seeding.add("customer", row, row["created_at"])
        if random.random() < _TAGGED:
            tagging = {"tag_id": random.choice(self._setup.tags), "record_id": row["id"], "record_type": "customer"}
            seeding.add("tagging", tagging, row["created_at"])

    def _parent(self, culture: Culture) -> UUID | None:
        known = self._parents[culture.locale]
        return self._seeding.random.choice(known) if known and self._seeding.random.random() < _SUBSIDIARIES else None

    def _domain(self, label: str) -> str:
        domain, n = f"{label}.example", 1
        while domain in self._domains:
            n += 1
            domain = f"{label}-{n}.example"
        self._domains.add(domain)
        return domain
