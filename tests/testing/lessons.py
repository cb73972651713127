"""A plugin to try the test kit on: an entity that needs a value of every kind, jobs, a schedule, handlers."""

from __future__ import annotations

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta
from enum import Enum
from pathlib import Path
from typing import Any, ClassVar
from uuid import UUID

from piccolo.table import Table

from crmcore import (
    After,
    Created,
    Crm,
    Entity,
    Index,
    Inside,
    Job,
    Owned,
    Record,
    Retry,
    Run,
    Schedule,
    Work,
    actions,
    after,
    columns,
    hookimpl,
    inside,
    job,
)
from crmcore.customers.tables import Customer

plugin_name = "lessons"


class Mood(Enum):
    """How a lesson is expected to be."""

    CALM = "Calm."
    LOUD = "Loud."


class Lesson(Owned, Record, Table, tablename="lesson"):
    """Somebody comes."""

    customer_id = columns.link("customer", "Who comes.", references=Customer, inverse="lessons", on_delete="CASCADE")
    about_id = columns.any_link("What it is about.")
    about_type = columns.text("Which entity that is of.", max_length=80)
    place = columns.text("Where.")
    code = columns.text("A short name.", max_length=3)
    email = columns.text("Whom to write to.", form="email")
    website = columns.text("Where to read about it.", form="url")
    country = columns.text("In which country.", max_length=2, form="country")
    zone = columns.text("By which clock.", form="timezone")
    mood = columns.choice(Mood, "How it will be.")
    guests = columns.integer("How many come.", minimum=1, maximum=2)
    length = columns.number("For how many hours.", minimum=0.5)
    at = columns.instant("When it begins.")
    day = columns.day("On which day.")
    plan = columns.json("What is to be done.", null=False)
    price = columns.minor_units("What it costs.", currency="price_currency", null=False)
    price_currency = columns.currency("In which currency.")

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("customer_id",)),
        Index(("owner_id",)),
        Index(("team_id",)),
        Index(("code",), unique=True, live=True),
    )


class LessonNote(Record, Table, tablename="lesson_note"):
    """Something to think of."""

    lesson_id = columns.link("lesson", "At which lesson.", references=Lesson, inverse="notes", on_delete="CASCADE")
    text = columns.text("What.")

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("lesson_id",)),)


@dataclass(frozen=True, kw_only=True)
class LessonCreated(Created, of="lesson"):
    """Somebody will come."""


@hookimpl
def crm_entities() -> Iterable[Entity]:
    return [Entity(Lesson, "lessons", label="place"), Entity(LessonNote, "lessonNotes", guarded_by="lesson_id")]


@hookimpl
def crm_migrations() -> Path:
    return Path(__file__).with_name("lessons_migrations")


@job()
async def remind(run: Run, lesson_id: UUID, times: int = 1) -> None:
    """Write down that somebody was reminded."""
    await run.work(lambda work: actions.create(work, "lesson_note", {"lesson_id": lesson_id, "text": "reminded"}))


@job()
async def report(run: Run) -> None:
    """Say nothing."""


@job(retries=0)
async def stumble(run: Run) -> None:
    """Fail for good."""
    msg = "there was a stone"
    raise ValueError(msg)


@job()
async def dawdle(run: Run) -> None:
    """Want to be tried again before it is over."""
    await asyncio.sleep(0.002)
    raise Retry(after=0.001)


@hookimpl
def crm_jobs() -> Iterable[Job[Any] | Schedule]:
    return [dawdle, remind, report, stumble, Schedule(report(), cron="0 9 5 1 *", zone="UTC")]


async def put_reminder(work: Work, event: LessonCreated) -> None:
    """Remind an hour before."""
    await work.put(remind(lesson_id=event.record_id), at=event.after["at"] - timedelta(hours=1))


async def confirm(crm: Crm, event: LessonCreated) -> None:
    """Tell the guests; nobody can be told of what is nowhere."""
    if event.after["place"] == "nowhere":
        msg = "nobody lives there"
        raise LookupError(msg)


@hookimpl
def crm_handlers() -> Iterable[Inside | After]:
    return [inside(LessonCreated, put_reminder), after(LessonCreated, confirm)]
