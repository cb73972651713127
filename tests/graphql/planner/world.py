"""A small CRM for the planner's tests: every kind of column, links both ways, a guarded child, links to anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from enum import Enum
from functools import cache
from typing import Any, ClassVar
from uuid import UUID

from piccolo.table import Table

from crmcore.access import entities as access
from crmcore.access.actor import EVERYTHING, Access, Actor, ActorType
from crmcore.database import Database
from crmcore.database.create import create_tables
from crmcore.database.schema import Index
from crmcore.entities import columns as c
from crmcore.entities import fields as f
from crmcore.entities import kinds
from crmcore.entities.entity import Entity
from crmcore.entities.record import Owned, Record
from crmcore.entities.registries import Registries
from crmcore.entities.registry import Added, Entities
from crmcore.entities.timeline import Timeline
from crmcore.graphql.schema.schema import CrmSchema, build_schema

Row = dict[str, Any]


class Phase(Enum):
    """How far a buyer is."""

    LEAD = "Has not bought."
    ACTIVE = "Buys."
    LOST = "Gone."


class Buyer(Owned, Record, Table, tablename="buyer"):
    """A person or an organisation."""

    name = c.text("What they are called.", form="text")
    nick = c.text("What friends call them.", null=True)
    phase = c.choice(Phase, "How far they are.", default=Phase.LEAD)
    mood = c.choice(Phase, "How they feel.", null=True)
    rank = c.integer("Their place.", null=True)
    size = c.integer("How many they are.", default=1)
    serial = c.big_integer("A large number.", null=True)
    ratio = c.number("A number.", null=True)
    vip = c.flag("Whether they matter.")
    seen_at = c.instant("When they were seen last.", null=True)
    born_on = c.day("When they were born.", null=True)
    extra = c.json("Anything else.")
    credit = c.minor_units("What they may owe.", currency="credit_currency")
    credit_currency = c.currency("In which currency.")
    parent_id = c.link("buyer", "To whom they belong.", references="self", null=True, inverse="children")
    __indexes__: ClassVar[tuple[Index, ...]] = ()


class Stage(Record, Table, tablename="stage"):
    """A step of the way."""

    name = c.text("What it is called.")
    position = c.integer("Its place.", default=1)
    __indexes__: ClassVar[tuple[Index, ...]] = ()


class Deal(Owned, Record, Table, tablename="deal"):
    """A possible sale."""

    name = c.text("What it is about.")
    buyer_id = c.link("buyer", "Who may buy.", references=Buyer, null=True, inverse="deals")
    stage_id = c.link("stage", "Where it stands.", references=Stage, inverse="deals")
    amount = c.minor_units("What it is worth.", currency="amount_currency")
    amount_currency = c.currency("In which currency.")
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("buyer_id",)), Index(("stage_id",)))


class Call(Record, Table, tablename="call"):
    """A talk with a buyer, whom it follows in what may be seen."""

    topic = c.text("What it was about.")
    at = c.instant("When it was.")
    buyer_id = c.link("buyer", "With whom.", references=Buyer, inverse="calls")
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("buyer_id", "at")),)


class Mark(Record, Table, tablename="mark"):
    """A key of another system for any record."""

    key = c.text("The key.")
    subject_type = c.text("What it is for.", write=c.Write.NEVER, null=True)
    subject_id = c.any_link("What it is for.", inverse="marks", null=True)
    __indexes__: ClassVar[tuple[Index, ...]] = ()


class Profile(Record, Table, tablename="profile"):
    """What a plugin knows about a buyer, one for each."""

    motto = c.text("What they say.")
    buyer_id = c.link("buyer", "Whose.", references=Buyer, inverse="profile", one_to_one=True)
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("buyer_id",), unique=True, live=True),)


#: How many rows each call of a computed field had.
CALLS: list[int] = []


async def _greetings(rows: Sequence[Row]) -> list[str]:
    CALLS.append(len(rows))
    return [f"Dear {row['name']}, {row['seen_at'].year if row['seen_at'] else 'hello'}" for row in rows]


_OF_BUYER = (("buyer_id", "buyer"),)
_MARKS = (
    Timeline("MARKED", "A key was given.", "created_at", (("subject_id", "buyer"),)),
    Timeline("DEAL_MARKED", "A key was given to a deal.", "updated_at", (("subject_id", "deal"), *_OF_BUYER)),
)

ENTITIES = Entities(
    (
        *access.ENTITIES,
        Entity(Buyer, "buyers", attachable=True),
        Entity(Stage, "stages", attachable=True),
        Entity(Deal, "deals", attachable=True, timeline=(Timeline("DEAL", "A deal began.", "created_at", _OF_BUYER),)),
        Entity(Call, "calls", guarded_by="buyer_id", timeline=(Timeline("CALL", "A talk.", "at", _OF_BUYER),)),
        Entity(Mark, "marks", guarded_by="subject_id", timeline=_MARKS),
        Entity(Profile, "profiles", guarded_by="buyer_id"),
    ),
    (
        Added(
            "buyer",
            f.Expression("nameLength", "How long the name is.", kinds.INT, lambda t, _: f"length({t}.name)", False),
        ),
        Added("buyer", f.Computed("greeting", "A greeting.", kinds.TEXT, ("id", "name", "seen_at"), _greetings)),
    ),
)


@cache
def schema() -> CrmSchema:
    """The schema of the small CRM."""
    return build_schema(ENTITIES, Registries([], []))


def uuid(table: int, number: int) -> UUID:
    """Return the id of a table's n-th row."""
    return UUID(f"01900000-0000-7000-8{table:03x}-{number:012x}")


EPOCH = datetime(2026, 1, 31, 9, 30, tzinfo=UTC)
ANN, BOB = uuid(1, 1), uuid(1, 2)
NORTH = uuid(2, 1)
_STAMP = {"type": "USER", "id": f"user_{ANN}", "label": "Ann"}
_NAMES = [
    'Ada "L" \\ Lovelace',
    "李小龍",
    "Ünal Çelik",
    "",
    "o'neil, %x_y\\",
    "tab\tnewline\n\x01\x7f",
    "😀 emoji",
    "ada",
    "Ada",
]


def _record(table: int, number: int, **values: Any) -> Row:
    at = EPOCH + timedelta(days=number // 3, microseconds=number % 4)
    kept = {
        "version": 1,
        "created_at": at,
        "updated_at": at,
        "created_by": _STAMP,
        "updated_by": _STAMP,
        "deleted_at": None,
    }
    return {"id": uuid(table, number), **kept, **values}


def _owned(number: int) -> Row:
    return {"owner_id": [ANN, BOB, None][number % 3], "team_id": NORTH if number % 4 == 1 else None}


def _money(prefix: str, number: int) -> Row:
    amounts = [None, 0, 5, -5, 1234567, -1234567, 2**63 - 1, -(2**63), 99, -100]
    amount = amounts[number % 10]
    currency = None if amount is None else ["EUR", "JPY", "KWD", "CLF"][number % 4]
    return {prefix: amount, f"{prefix}_currency": currency}


def _buyer(n: int) -> Row:
    return _record(
        3,
        n,
        **_owned(n),
        name=_NAMES[n % len(_NAMES)] if n < 12 else f"Buyer {n}",
        nick=[None, "", "Nick", "é"][n % 4],
        phase=list(Phase)[n % 3].name,
        mood=[None, "ACTIVE", "LOST"][n % 3],
        rank=None if n % 5 == 0 else n % 4,
        size=n % 7,
        serial=[None, 2**62 + n, -(2**63)][n % 3],
        ratio=[None, 0.1 + 0.2, 1 / 3, -1e300, 5e-324, 12345678.9][n % 6],
        vip=n % 2 == 0,
        seen_at=None if n % 4 == 0 else EPOCH - timedelta(hours=n * 7 % 50, microseconds=n),
        born_on=None if n % 6 == 0 else date(1900 + n * 13 % 120, 2, 28),
        extra=[None, {}, {"a": [1, None, {"b": "ü"}], "n": 12.5}, [1, 2], "text", True, 0][n % 7],
        **_money("credit", n),
        parent_id=None if n % 3 == 0 else uuid(3, n // 3),
        deleted_at=EPOCH if n % 11 == 10 else None,
    )


def rows() -> dict[str, list[Row]]:
    """The data, by entity."""
    people = [
        _record(1, n, email=f"{n}@example.com", name=name, is_active=True, locale="de")
        for n, name in ((1, "Ann"), (2, "Bob"))
    ]
    return {
        "user": people,
        "team": [_record(2, 1, name="North", parent_id=None)],
        "buyer": [_buyer(n) for n in range(30)],
        "stage": [_record(4, n, name=f"Stage {n}", position=n) for n in range(3)],
        "deal": [
            _record(
                5,
                n,
                **_owned(n),
                name=f"Deal {n % 13}",
                buyer_id=None if n % 9 == 8 else uuid(3, n * 5 % 17),
                stage_id=uuid(4, n % 3),
                **_money("amount", n),
                deleted_at=EPOCH if n % 13 == 12 else None,
            )
            for n in range(60)
        ],
        "call": [
            _record(6, n, topic=f"Call {n % 7}", at=EPOCH + timedelta(minutes=n * 31 % 17), buyer_id=uuid(3, n % 9))
            for n in range(40)
        ],
        "mark": [
            _record(
                7,
                n,
                key=f"key-{n}",
                subject_type=["buyer", "deal", "stage", None][n % 4],
                subject_id=[uuid(3, n), uuid(5, n), uuid(4, n % 3), None][n % 4],
            )
            for n in range(20)
        ],
        "profile": [_record(8, n, motto=f"Motto {n}", buyer_id=uuid(3, n * 2)) for n in range(6)],
    }


async def fill_database(database: Database) -> None:
    """Make the tables and put the data in."""
    data = rows()
    await create_tables(database, [ENTITIES[name].table for name in data])
    for name, records in data.items():
        columns = ENTITIES[name].columns
        places = ", ".join(f"${n + 1}" for n in range(len(columns)))
        sql = f"insert into {ENTITIES[name].tablename} ({', '.join(columns)}) values ({places})"
        await database.execute_many(
            sql, [[_stored(database, name, k, record.get(k)) for k in columns] for record in records]
        )

    if database.dialect == "postgresql":
        await database.execute("analyze")


def _stored(database: Database, entity: str, column: str, value: Any) -> Any:
    if ENTITIES[entity].facts[column].kind is kinds.JSON and value is not None:
        return kinds.JSON.write(value)
    return value


ROOT = Actor.system()


def person(access: Access = EVERYTHING, user: UUID = ANN, teams: tuple[UUID, ...] = (NORTH,)) -> Actor:
    """A user with some access."""
    return Actor(ActorType.USER, f"user_{user}", "Somebody", user, teams, access=access)
