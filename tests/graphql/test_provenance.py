"""The schema's text says of everything which plugin gives it, and since which version."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Annotated, ClassVar
from uuid import UUID

import pytest
import strawberry
from graphql import build_schema, validate_schema
from piccolo.table import Table

from crmcore import (
    Added,
    Crm,
    Entity,
    Event,
    Index,
    Listing,
    Record,
    Ref,
    Settings,
    Work,
    action,
    columns,
    extend,
    fields,
    hookimpl,
    kinds,
    live,
)
from crmcore.customers.tables import Customer
from crmcore.graphql.schema.provenance import Giver, Provenance


class Mood(Enum):
    """How somebody feels."""

    FINE = "Fine."
    ILL = "Not fine."


class MoodsNote(Record, Table, tablename="moods_note"):
    """How a customer felt."""

    text = columns.text("What they said.")
    mood = columns.choice(Mood, "How they felt.", since="1.2")
    customer_id = columns.link("customer", "Who.", references=Customer, inverse="moods", on_delete="CASCADE")
    seller_id = columns.link(
        "customer", "Who made them.", references=Customer, null=True, inverse="moodsMade", since="1.3"
    )
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("customer_id",)), Index(("seller_id",)))


@dataclasses.dataclass(frozen=True, kw_only=True)
class MoodsNoteRead(Event, of="moods_note", since="1.6"):
    """Somebody read it."""


@dataclasses.dataclass(frozen=True)
class Verdict:
    """What came out."""

    good: Annotated[bool, "Whether all is good."]


@action(returns=Verdict, since="1.4")
async def moods_judge(work: Work, id: Annotated[UUID, Ref("moods_note"), "What."]) -> Verdict:
    """Judge."""
    return Verdict(True)


@live(MoodsNoteRead, since="1.7")
def moods_read(event: MoodsNoteRead) -> bool:
    """A note was read."""
    return True


@strawberry.field(description="A word for it.")
def moods_word() -> str:
    return "good"


class Moods:
    """A plugin whose declarations are of several versions."""

    plugin_name = "moods"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    @hookimpl
    def crm_entities(self) -> Iterable[Entity]:
        return [Entity(MoodsNote, "moodsNotes", guarded_by="customer_id", since="1.1")]

    @hookimpl
    def crm_migrations(self) -> Path:
        return self._folder

    @hookimpl
    def crm_fields(self) -> Iterable[Added]:
        count = fields.Expression("moodsCount", "How many.", kinds.INT, lambda _t, _dialect: "1")
        return [Added("customer", count, since="1.5")]

    @hookimpl
    def crm_actions(self) -> Iterable[object]:
        return [moods_judge]

    @hookimpl
    def crm_events(self) -> Iterable[type[Event]]:
        return [MoodsNoteRead]

    @hookimpl
    def crm_graphql(self) -> Iterable[object]:
        listed = Listing("moodsToday", "moods_note", "Today's.", lambda t, _bind: f"{t}.id is not null", since="1.8")
        return [listed, extend("Query", moods_word, since="1.9"), extend("Customer", moods_word), moods_read]


@pytest.fixture(scope="module")
def crm(tmp_path_factory: pytest.TempPathFactory) -> Crm:
    """A CRM with the plugin; it never runs."""
    return Crm(Settings(), plugins=[Moods(tmp_path_factory.mktemp("migrations"))], installed=False)


@pytest.fixture(scope="module")
def provenance(crm: Crm) -> Provenance:
    """Who gives what there."""
    return crm.schema.provenance


@pytest.mark.parametrize(
    ("part", "since"),
    [
        ("Query.moodsNote", "1.1"),
        ("Mutation.createMoodsNote", "1.1"),
        ("Subscription.moodsNoteChanged", "1.1"),
        ("Mutation.moodsJudge", "1.4"),
        ("Subscription.moodsRead", "1.7"),
        ("Query.moodsToday", "1.8"),
        ("Query.moodsWord", "1.9"),
        ("Customer.moodsWord", None),
        ("Customer.moodsCount", "1.5"),
        ("CustomerFilter.moodsCount", "1.5"),
        ("CustomerOrderField.MOODS_COUNT", "1.5"),
        ("CustomerAggregate.sumMoodsCount", "1.5"),
        ("Customer.moods", "1.1"),
        ("Customer.moodsMade", "1.3"),
        ("CustomerFilter.moodsMade", "1.3"),
        ("MoodsNote.text", "1.1"),
        ("MoodsNote.mood", "1.2"),
        ("MoodsNote.seller", "1.3"),
        ("CreateMoodsNoteInput.mood", "1.2"),
        ("UpdateMoodsNoteInput.sellerId", "1.3"),
        ("EntityType.MOODS_NOTE", "1.1"),
        ("EventType.MOODS_NOTE_CREATED", "1.1"),
        ("EventType.MOODS_NOTE_READ", "1.6"),
    ],
)
def test_what_a_plugin_gives_is_known_as_its(provenance: Provenance, part: str, since: str | None) -> None:
    """Fields of every type, arguments of filters and orders, inputs and enum values say whose they are, and since when."""
    type_name, _, name = part.partition(".")

    assert Giver("moods", since) == provenance.part(type_name, name)


def test_what_the_core_gives_is_known_as_its(provenance: Provenance) -> None:
    """A plugin that adds to a type does not get its other fields, and what all share is the core's."""
    givers = {
        "Customer": "customers",
        "CustomerFilter": "customers",
        "UserOrder": "access",
        "DealStatusFilter": "pipelines",
        "StageInput": "pipelines",
        "TextFilter": "core",
        "TimelineEntry": "core",
        "PageInfo": "core",
        "Job": "jobs",
    }

    assert {name: Giver(by, "0.1") for name, by in givers.items()} == {n: provenance.types[n] for n in givers}
    assert Giver("customers", "0.1") == provenance.part("Customer", "displayName")
    assert Giver("customers", "0.1") == provenance.part("CustomerOrder", "direction")


def test_a_type_belongs_to_the_plugin_that_leads_to_it(provenance: Provenance) -> None:
    """A plugin's enums, dataclasses and all that is made of its entities are its, as old as what leads to them."""
    assert {
        "MoodsNote": Giver("moods", "1.1"),
        "MoodsNoteConnection": Giver("moods", "1.1"),
        "MoodsNoteListFilter": Giver("moods", "1.1"),
        "Mood": Giver("moods", "1.2"),
        "MoodFilter": Giver("moods", "1.2"),
        "Verdict": Giver("moods", "1.4"),
        "VerdictResult": Giver("moods", "1.4"),
    } == {n: g for n, g in provenance.types.items() if n in _SOME}


_SOME = {"MoodsNote", "MoodsNoteConnection", "MoodsNoteListFilter", "Mood", "MoodFilter", "Verdict", "VerdictResult"}


def test_a_plugin_changes_nothing_about_who_gives_the_rest(provenance: Provenance) -> None:
    """Who gives a type or a field does not depend on which other plugins are there."""
    bare = Crm(Settings(), installed=False).schema
    now = {name: provenance.types[name] for name in bare.provenance.types}
    parts = {
        (type_.name, part): (bare.provenance.part(type_.name, part), provenance.part(type_.name, part))
        for type_ in bare.graphql.type_map.values()
        if type_.name in now
        for part in (*getattr(type_, "fields", ()), *getattr(type_, "values", ()))
    }

    assert bare.provenance.types == now
    assert [] == [at for at, (before, after) in parts.items() if before != after]


@pytest.fixture(scope="module")
def sdl(crm: Crm) -> str:
    """The schema's text."""
    return crm.schema.sdl


def test_the_text_carries_it(sdl: str) -> None:
    """Types say whose they are; fields only where that is another plugin or version than their type's."""
    assert 'type MoodsNote implements Node @plugin(name: "moods", since: "1.1") {' in sdl
    assert '  mood: Mood! @plugin(name: "moods", since: "1.2")\n' in sdl
    assert '  moodsCount: Int @plugin(name: "moods", since: "1.5")\n' in sdl
    assert '  moodsWord: String! @plugin(name: "moods")\n' in sdl
    assert '  MOODS_COUNT @plugin(name: "moods", since: "1.5")\n' in sdl
    assert "  direction: OrderDirection! = ASC\n" in sdl
    assert 'union MoodsNoteResult @plugin(name: "moods", since: "1.1") = MoodsNote | Problem' in sdl
    assert 'scalar Decimal @plugin(name: "core", since: "0.1")' in sdl


def test_the_text_is_a_schema_and_says_nothing_else(crm: Crm, sdl: str) -> None:
    """Whoever takes `@plugin` out of the text has what Strawberry prints."""
    definition, _, rest = sdl.partition("INPUT_FIELD_DEFINITION\n\n")

    assert [] == validate_schema(build_schema(sdl))
    assert "directive @plugin(name: String!, since: String) on" in definition
    assert f"{crm.schema.as_str().strip()}\n" == re.sub(r" @plugin\([^)]*\)", "", rest)


def test_the_running_schema_is_as_it_was(crm: Crm) -> None:
    """The directive is for readers of the text; introspection and execution know nothing of it."""
    assert "plugin" not in [directive.name for directive in crm.schema.graphql.directives]
