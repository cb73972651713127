"""A plugin's declarations: tables, entities, fields, lists, events, permissions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

import msgspec
import strawberry
from piccolo.table import Table

from crmcore import (
    Added,
    Change,
    Crm,
    Customizable,
    Entity,
    Event,
    Extension,
    Index,
    Key,
    Listing,
    Owned,
    Part,
    Permission,
    Record,
    Registered,
    Service,
    Timeline,
    Totals,
    Work,
    Write,
    __version__,
    columns,
    extend,
    fields,
    hookimpl,
    kinds,
    migrations,
)
from crmcore.access.tables import User
from crmcore.customers.events import CustomerCreated
from crmcore.customers.tables import Customer
from crmcore.interactions.tables import Interaction
from crmcore.pipelines.events import DealMoved
from crmcore.pipelines.tables import Deal

needs: str = f"crmcore>={__version__}"


class Mood(Enum):
    """How a visit went."""

    GOOD = "Good."
    BAD = "Bad."


class Visit(Record, Owned, Customizable, Table, tablename="visits_visit"):
    """A visit at a customer's."""

    title = columns.text("What for.", max_length=80, since="1.1")
    notes = columns.text("What was said.", null=True, form="text", personal="user.content")
    channel = columns.text("By which channel.", registry="interaction_channels", default="EMAIL")
    mood = columns.choice(Mood, "How it went.", default=Mood.GOOD)
    minutes = columns.integer("How long.", minimum=1, maximum=600, default=30)
    steps = columns.big_integer("How far on foot.", null=True)
    distance = columns.number("How far, in kilometres.", null=True)
    done = columns.flag("Whether it took place.")
    begins_at = columns.instant("When.", write=Write.CREATE)
    on = columns.day("On which day.", null=True)
    answers = columns.json("What was answered.")
    customer_id = columns.link("customer", "At whose.", references=Customer, inverse="visits", on_delete="CASCADE")
    guest_id = columns.link("user", "Who went.", references=User, null=True)
    deal_id = columns.link("deal", "For which deal.", references=Deal, null=True)
    interaction_id = columns.link("interaction", "What came of it.", references=Interaction, null=True)
    subject_type = columns.text("Of which type.", null=True, write=Write.NEVER)
    subject_id = columns.any_link("About what.", null=True)
    costs = columns.minor_units("What it cost.", currency="costs_currency")
    costs_currency = columns.currency("In which currency.")
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("customer_id", "begins_at"), unique=True, live=True),)
    __totals__: ClassVar[tuple[Totals, ...]] = (Totals("visits_total", by=("mood",), sums=("minutes",)),)


async def prepare(work: Work, change: Change) -> None:
    """Rules of a visit."""
    minutes: Any = change.get("minutes")
    if change.kind == "create" and change.changed("minutes") and minutes > 500:
        change.refuse("minutes", "TOO_LONG", "Nobody stays that long.")
    work.require("visits.go")


VISIT = Entity(
    Visit,
    "visits",
    prepare=prepare,
    owners=("owner_id",),
    keys=(Key("TITLE", ("title",)),),
    actions=frozenset({"create", "update"}),
    order=("-begins_at",),
    label="title",
    attachable=True,
    searched=("title",),
    timeline=(Timeline("VISIT", "A visit.", at="begins_at", path=(("customer_id", "customer"),)),),
    since="1.0",
)


async def _stars(rows: Sequence[dict[str, Any]]) -> Sequence[str]:
    return ["*" * int(row["minutes"]) for row in rows]


def _count(alias: str, dialect: str) -> str:
    return f"(select count(*) from visits_visit v where v.customer_id = {alias}.id)"


FIELDS = [
    Added("customer", fields.Expression("visitsCount", "How many.", kinds.INT, _count, null=False), since="1.1"),
    Added("*", lambda entity: fields.Computed("visitsStars", f"Of {entity}.", kinds.TEXT, ("minutes",), _stars)),
]
MINE = Listing(
    "visitsMine", "visit", "Mine.", lambda t, bind: f"{t}.owner_id = {bind(lambda actor: actor.user_id)}", since="1.2"
)


def visits_word() -> str:
    """Return a word."""
    return "visit"


WORD: Extension = extend("Query", strawberry.field(resolver=visits_word, description="A word."), since="1.1")


@dataclass(frozen=True, kw_only=True)
class VisitHeld(Event, of="visit", since="1.3"):
    """A visit took place."""

    mood: str
    held_at: datetime
    guest_id: UUID | None


class VisitsSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """How visits are planned."""

    minutes: int = 30


HEARD: tuple[type[Event], ...] = (VisitHeld, CustomerCreated, DealMoved)


@hookimpl
def crm_settings() -> type[VisitsSettings]:
    """Return the settings."""
    return VisitsSettings


@hookimpl
def crm_registered() -> Iterable[Registered]:
    """Add a channel."""
    return [Registered("interaction_channels", "DOOR", "Door", "At the door.")]


@hookimpl
def crm_permissions() -> Iterable[Permission]:
    """Going out is a right of its own."""
    return [Permission("visits.go", "Go out.")]


@hookimpl
def crm_entities() -> Iterable[Entity]:
    """Declare visits."""
    return [VISIT]


@hookimpl
def crm_fields() -> Iterable[Added]:
    """Declare the fields."""
    return FIELDS


@hookimpl
def crm_migrations() -> Path:
    """Say where migrations are."""
    return Path(__file__).with_name("migrations")


@hookimpl
def crm_graphql() -> Iterable[Extension | Listing]:
    """Declare lists and fields."""
    return [MINE, WORD]


@hookimpl
def crm_background() -> Iterable[Service]:
    """Declare what runs beside requests."""
    return []


async def _open(crm: Crm) -> None:
    assert crm.database is not None


ROOM = Part(permissions=(Permission("visits.lock", "Lock the door."),), events=(), startup=_open, commands=lambda: ())


@hookimpl
def crm_parts() -> Iterable[Part]:
    """Declare what a room of the plugin gives."""
    return [ROOM]


MIGRATION = migrations.Migration(
    operations=[
        migrations.create_table(migrations.Table("visits_dust", (migrations.Column("id", "id", primary=True),)))
    ]
)
