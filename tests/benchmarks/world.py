"""The rows a benchmark runs on: the same size makes the same rows, on both databases."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any
from uuid import UUID

__all__ = ["COUNTRIES", "ENDED", "Place", "Size", "World", "tables"]

Row = Mapping[str, Any]

#: Countries and how many of a hundred customers live there.
COUNTRIES = {"CN": 30, "DE": 16, "US": 14, "GB": 9, "FR": 8, "JP": 7, "IN": 6, "BR": 4, "ES": 3, "NL": 2, "SE": 1}

_BEGAN = datetime(2024, 10, 1, tzinfo=UTC)
_SECONDS = 2 * 365 * 86400
#: All rows were made before.
ENDED = _BEGAN + timedelta(seconds=_SECONDS)
_BY = json.dumps({"type": "SYSTEM", "id": None, "label": "Benchmark"})
_TEAMS, _USERS = 5, 40
_GIVEN = "Anna Bo Carla Deniz Elif Finn Greta Hana Ivo Jun Kai Lena Mei Noor Olga Pablo Qi Rosa Sven Tara".split()
_FAMILY = "Ahn Berger Chen Dubois Eriksen Fischer Garcia Huber Ito Jansen Kim Li Moreau Nagy Okafor Patel Rossi Sato 王 张".split()
_INDUSTRIES = "Software Retail Energy Health Logistics Finance Education Media".split()
_KINDS = (("CALL", "PHONE"), ("EMAIL", "EMAIL"), ("MEETING", "IN_PERSON"), ("MESSAGE", "WECHAT"), ("NOTE", None))
_WORDS = (
    "offer price delivery contract renewal question invoice meeting sample training support quarter answer team".split()
)


@dataclass(frozen=True)
class Size:
    """How many records there are; the issue's is 200 000 customers with 1.5 times the deals and 5 times the interactions."""

    customers: int

    @property
    def deals(self) -> int:
        """Deals, of which a quarter are open."""
        return self.customers * 3 // 2

    @property
    def interactions(self) -> int:
        """Interactions with customers, a fifth of them about a deal."""
        return self.customers * 5


@dataclass(frozen=True)
class Place:
    """A stage of the pipeline that new databases have, and how many of a hundred deals stand in it."""

    stage: UUID
    status: str
    share: int


@dataclass(frozen=True)
class World:
    """What the rows refer to.

    Attributes:

        size: how many there are.
        pipeline: the pipeline's id.
        places: its stages.
    """

    size: Size
    pipeline: UUID
    places: tuple[Place, ...]

    def customer(self, number: int) -> UUID:
        """Return the id of a customer, counted from 0 in the order they were made."""
        return _id(_made(number, self.size.customers), number, 1)

    def deal(self, number: int) -> UUID:
        """Return the id of a deal."""
        return _id(_made(number, self.size.deals), number, 2)


def tables(world: World) -> Iterator[tuple[str, Iterator[Row]]]:
    """Yield each table and its rows, referred-to tables first; ids are UUID, instants aware UTC, JSON is text."""
    yield "crm_team", (_record(_id(_BEGAN, n, 5), _BEGAN, name=f"Team {n}") for n in range(_TEAMS))
    yield "crm_user", (_record(_user(n), _BEGAN, name=f"Colleague {n}", is_active=True) for n in range(_USERS))
    yield "customer", _customers(world)
    yield "deal", _deals(world)
    yield "interaction", _interactions(world)
    yield "interaction_participant", _participants(world)


def _customers(world: World) -> Iterator[Row]:
    random, countries, weights = Random(1), list(COUNTRIES), list(COUNTRIES.values())
    organizations = max(1, world.size.customers // 10)
    for n in range(world.size.customers):
        at = _made(n, world.size.customers)
        organization = n < organizations
        given, family = random.choice(_GIVEN), random.choice(_FAMILY)
        yield _record(
            world.customer(n),
            at,
            **_owned(random),
            kind="ORGANIZATION" if organization else "PERSON",
            display_name=f"{family} {random.choice(_INDUSTRIES)} {n}" if organization else f"{given} {family}",
            given_name=None if organization else given,
            family_name=None if organization else family,
            legal_name=f"{family} {n} Ltd" if organization else None,
            parent_id=None if organization else world.customer(random.randrange(organizations)),
            industry=random.choice(_INDUSTRIES) if organization else None,
            domain=f"c{n}.example" if organization else None,
            country=random.choices(countries, weights)[0],
            lifecycle_stage=random.choice(("LEAD", "PROSPECT", "CUSTOMER")),
            lifecycle_entered_at=at,
            status="ACTIVE",
            do_not_contact=False,
            do_not_call=False,
        )


def _deals(world: World) -> Iterator[Row]:
    random, shares = Random(2), [p.share for p in world.places]
    for n in range(world.size.deals):
        at = _made(n, world.size.deals)
        place = random.choices(world.places, shares)[0]
        amount, won = random.randrange(1_000_00, 90_000_00), place.status in ("WON", "LOST")
        yield _record(
            world.deal(n),
            at,
            **_owned(random),
            name=f"Deal {n} {random.choice(_WORDS)}",
            customer_id=world.customer(random.randrange(world.size.customers)),
            pipeline_id=world.pipeline,
            stage_id=place.stage,
            status=place.status,
            stage_entered_at=at,
            rank=f"{random.randrange(36**6):08x}",
            amount=amount,
            amount_currency="EUR",
            base_amount=amount,
            base_amount_currency="EUR",
            probability=50,
            probability_source="STAGE",
            expected_close_date=(at + timedelta(days=random.randrange(10, 200))).date(),
            closed_at=at + timedelta(days=9) if won else None,
        )


def _interactions(world: World) -> Iterator[Row]:
    random = Random(3)
    for n in range(world.size.interactions):
        at = _made(n, world.size.interactions)
        kind, channel = random.choice(_KINDS)
        yield _record(
            _id(at, n, 3),
            at,
            **_owned(random),
            kind=kind,
            channel=channel,
            direction=random.choice(("INBOUND", "OUTBOUND")),
            status="COMPLETED",
            subject=" ".join(random.choices(_WORDS, k=4)),
            body=" ".join(random.choices(_WORDS, k=15)),
            body_format="PLAIN",
            occurred_at=at,
            completed_at=at,
            customer_id=world.customer(random.randrange(world.size.customers)),
            deal_id=world.deal(random.randrange(world.size.deals)) if random.random() < 0.2 else None,
            visibility="TEAM" if random.random() < 0.05 else "ALL",
            is_pinned=False,
            is_internal=False,
        )


def _participants(world: World) -> Iterator[Row]:
    random = Random(4)
    for n in range(0, world.size.interactions, 10):
        at = _made(n, world.size.interactions)
        customer = world.customer(random.randrange(world.size.customers))
        known = (
            {"customer_id": customer, "user_id": None}
            if n % 20
            else {"customer_id": None, "user_id": _user(n % _USERS)}
        )
        more = {"interaction_id": _id(at, n, 3), "role": "ATTENDEE", "response": "NONE", **known}
        yield _record(_id(at, n, 6), at, **more)


def _record(id: UUID, at: datetime, **values: Any) -> Row:
    return {"id": id, "version": 1, "created_at": at, "updated_at": at, "created_by": _BY, "updated_by": _BY, **values}


def _owned(random: Random) -> Row:
    number = random.randrange(_USERS)
    return {"owner_id": _user(number), "team_id": _id(_BEGAN, number % _TEAMS, 5)}


def _user(number: int) -> UUID:
    return _id(_BEGAN, number, 4)


def _made(number: int, of: int) -> datetime:
    # Spread evenly, with microseconds that no two neighbours share.
    return _BEGAN + timedelta(microseconds=number * _SECONDS * 1_000_000 // of + number % 997)


def _id(at: datetime, number: int, kind: int) -> UUID:
    """Make a UUIDv7 of an instant; `number` keeps those of one kind apart."""
    milliseconds = int(at.timestamp() * 1000)
    return UUID(int=milliseconds << 80 | 0x7 << 76 | kind << 64 | 0b10 << 62 | number << 16)
