"""A small world for the schema's tests: entities with every kind of field, named actions, and a CRM that has no more."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime
from enum import Enum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from piccolo.table import Table

from crmcore.database.money import Money
from crmcore.database.schema import Index
from crmcore.entities import actions
from crmcore.entities import columns as c
from crmcore.entities.action import RecordRef, Ref, Secret, action
from crmcore.entities.change import Change
from crmcore.entities.entity import Entity, Key
from crmcore.entities.kinds import BigInt
from crmcore.entities.record import Record
from crmcore.entities.registries import Registered, Registries
from crmcore.entities.registry import Entities
from crmcore.entities.store import Row
from crmcore.entities.timeline import Timeline
from crmcore.entities.work import Work
from crmcore.plugins.contributed import Contributed


class GadgetSize(Enum):
    """How large a gadget is."""

    SMALL = "Fits into a pocket."
    VERY_LARGE = "very large"


class Maker(Record, Table, tablename="maker"):
    """Who makes gadgets.

    This paragraph is for readers of the code.
    """

    name = c.text("What they are called.")
    __indexes__: ClassVar[tuple[Index, ...]] = ()


class Gadget(Record, Table, tablename="gadget"):
    """A thing that does something."""

    name = c.text("What it is called.", max_length=40)
    code = c.text("Its number in the catalogue.", null=True)
    size = c.choice(GadgetSize, "How large.", default=GadgetSize.SMALL)
    shape = c.text("Its shape.", null=True, registry="shapes")
    parts_count = c.integer("Of how many parts.", null=True)
    serial = c.big_integer("Its serial number.", null=True)
    weight = c.number("In kilograms.", null=True)
    is_new = c.flag("Whether it is new.", default=True)
    sold_at = c.instant("When it was sold.", null=True)
    made_on = c.day("When it was made.", null=True)
    extra = c.json("Anything else.")
    series = c.text("Of which series; for ever.", null=True, write=c.Write.CREATE)
    checked_at = c.instant("When it was checked.", null=True, write=c.Write.NEVER)
    price = c.minor_units("What it costs.", currency="price_currency", minimum=0)
    price_currency = c.currency("In which currency.")
    billing_currency = c.currency("In which currency bills are written.")
    maker_id = c.link("maker", "Who made it.", references=Maker, null=True, inverse="gadgets")
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("code",), unique=True, live=True),)


class Note(Record, Table, tablename="note"):
    """A note on anything."""

    text = c.text("What it says.", form="text")
    subject_id = c.any_link("What it is about.", inverse="notes")
    subject_type = c.text("What that is.", write=c.Write.NEVER)
    __indexes__: ClassVar[tuple[Index, ...]] = ()


async def prepare_gadget(work: Work, change: Change) -> None:
    """Forbid a name, so that there is a rule to see."""
    if change.get("name") == "forbidden":
        change.refuse("name", "FORBIDDEN_NAME", "Call it something else.")
    if change.get("name") == "bug":
        msg = "a secret of the inside"
        raise RuntimeError(msg)


_NOTED = Timeline("NOTED", "Somebody wrote a note.", at="created_at", path=(("subject_id", "gadget"),))

ENTITIES = Entities(
    (
        Entity(Maker, "makers", attachable=True),
        Entity(Gadget, "gadgets", prepare=prepare_gadget, keys=(Key("CODE", ("code",)),), attachable=True),
        Entity(Note, "notes", guarded_by="subject_id", timeline=(_NOTED,)),
    )
)


def registries() -> Registries:
    """The one open set, with two members."""
    return Registries(
        [Registered("shapes", "ROUND", "Round", "Like a ball."), Registered("shapes", "FLAT", "Flat", "Like a sheet.")],
        ["shapes"],
    )


@dataclass(frozen=True)
class Line:
    """One line of an order."""

    gadget_id: Annotated[UUID, Ref("gadget"), "Which gadget."]
    count: Annotated[int, "How many."] = 1


_NONE = BigInt(0)


@dataclass(frozen=True)
class Offer:
    """What somebody offers."""

    total: Annotated[Money, "The sum."]
    sizes: Annotated[list[GadgetSize], "The sizes in it."]
    gadget: Annotated[RecordRef | None, Ref("gadget"), "The first gadget."]
    gadget_id: Annotated[UUID | None, Ref("gadget"), "Its id."]
    until: Annotated[date | None, "Until when it holds."] = None
    secret: Annotated[str | None, "A word shown once."] = field(default=None, metadata={"secret": True})
    grains: Annotated[BigInt, "How many grains of rice it is worth."] = _NONE


@action(returns="gadget")
async def rename_gadget(
    work: Work,
    id: Annotated[UUID, Ref("gadget"), "Which gadget."],
    name: Annotated[str, "Its new name."],
    at: Annotated[datetime | None, "Since when."] = None,
    expected_version: Annotated[int | None, "The version it must have."] = None,
) -> Row:
    """Give a gadget another name."""
    return await actions.update(work, "gadget", id, {"name": name}, expected_version=expected_version)


@action(returns=Offer)
async def make_offer(
    work: Work,
    lines: Annotated[list[Line], "What is asked for."],
    price: Annotated[Money, "For how much."],
    subject: Annotated[RecordRef | None, Ref("*"), "What it is about."] = None,
    size: Annotated[GadgetSize, "Which size, if there is a choice."] = GadgetSize.SMALL,
    grains: Annotated[BigInt, "How many grains of rice it is worth."] = _NONE,
) -> Offer:
    """Make an offer."""
    first = lines[0].gadget_id if lines else None
    return Offer(price, [size], RecordRef("gadget", first) if first else None, first, None, "psst", grains)


@action(returns="gadget")
async def seal_gadget(
    work: Work,
    id: Annotated[UUID, Ref("gadget"), "Which gadget."],
    word: Annotated[str, Secret(), "The word that opens it."],
) -> Row:
    """Seal a gadget."""
    return await actions.update(work, "gadget", id, {"name": f"Sealed {len(word)}"})


ACTIONS: tuple[Any, ...] = (rename_gadget, make_offer, seal_gadget)


def contributed(**given: Any) -> Contributed:
    """What plugins declare, here by keyword."""
    empty: dict[str, Any] = {name: [] for name in Contributed.__dataclass_fields__}
    return Contributed(**{**empty, **given})
