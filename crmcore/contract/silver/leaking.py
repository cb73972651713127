"""Does anybody see a record of the plugin's whom the rules hide it from, whichever way they ask?"""

from __future__ import annotations

import asyncio
import io
import re
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from typing import Any

from graphql import get_named_type

from crmcore.contract.rule import Shortfall, Tier, rule
from crmcore.contract.subject import Subject
from crmcore.contract.trying.records import Marked, Records
from crmcore.contract.trying.roots import Question, questions
from crmcore.contract.trying.seen import shown
from crmcore.contract.trying.selecting import Selecting
from crmcore.contract.trying.strangers import Stranger, strangers
from crmcore.contract.trying.tried import tried
from crmcore.database import ids
from crmcore.errors import Refusal
from crmcore.events.cursor import START
from crmcore.interchange.exports.run import export
from crmcore.testing import TestCrm

__all__ = ["UNLIMITED", "records_are_hidden_on_every_path"]

#: Limits on documents are for clients; these documents ask for everything at once.
UNLIMITED: dict[str, Any] = {
    "graphql": dict.fromkeys(
        ("max_tokens", "max_depth", "max_aliases", "max_directives", "max_fields", "max_records"), 10**9
    )
}

#: Seconds in which what has happened is sent to everybody, and those in which the others are sent it too.
_LONGEST, _MOMENT = 10.0, 0.1

_FIX = (
    "Let the planner answer it (an entity's field, a link's inverse, Added, Listing), which keeps row rules; or read in the "
    "name of who asks: crm.execute(…, actor=actor), work.get, work.predicate. Never read as Actor.system() for a client."
)


@rule(Tier.SILVER)
async def records_are_hidden_on_every_path(subject: Subject) -> AsyncIterator[Shortfall]:
    """A record that one field shows to somebody who may not see it is no secret any more, however well all others keep it.

    A record of each of the plugin's entities is made, in the charge of one person. Four others, with no permission, with all
    but the plugin's, with only their own of the plugin's, and with only their own of everything, then ask by every way there
    is: `node`, `nodes`, by id, lists, groups, aggregates, relations and added fields of other records, timelines, `search`,
    `changes`, `history`, each field the plugin adds to `Query`, exports, the subscription to changes, and the plugin's routes
    without signing in.
    What the rules hide from them must show nowhere.
    """
    async with _peopled(subject) as (crm, records, people):
        asked = await _telling(crm, questions(subject, records, await _linked(crm, records)), records)
        for stranger in people:
            seen: set[str] = set()
            for question in asked:
                async for where, record in _asked(crm, stranger, question):
                    if where not in seen:
                        seen.add(where)
                        yield _shortfall(where, record, stranger)
            async for shortfall in _exported(crm, stranger, records):
                yield shortfall
        for shortfall in await _streamed(subject, crm, people, records):
            yield shortfall
        async for shortfall in _served(crm, subject.name, records):
            yield shortfall


@asynccontextmanager
async def _peopled(subject: Subject) -> AsyncIterator[tuple[TestCrm, list[Marked], list[Stranger]]]:
    async with tried(subject, subject.dialects[0], **UNLIMITED) as crm:
        owner = await crm.make("user", name="Somebody else")
        # A plugin of many entities makes long questions, each of which is asked for many records by many people.
        crm.documents.longest = 1_000_000
        records = await Records(crm, subject.name, owner["id"]).all()
        yield crm, records, await strangers(crm, subject.name, records)


async def _linked(crm: TestCrm, records: Iterable[Marked]) -> list[tuple[str, str]]:
    """Return what the records hang on: entities and ids."""
    found: dict[tuple[str, str], None] = {}
    for record in records:
        for column, said in crm.entities[record.entity].facts.items():
            target = record.row.get(f"{column.removesuffix('_id')}_type") if said.target == "*" else said.target
            if target is not None and column != "id" and record.row.get(column) is not None:
                found[str(target), ids.encode(str(target), record.row[column])] = None
    return list(found)


async def _telling(crm: TestCrm, questions: Iterable[Question], records: list[Marked]) -> list[Question]:
    """Return the questions that show a record to somebody: others have nothing to give away."""
    found = []
    for question in questions:
        answer = (await crm.execute(question.text, question.variables)).get("data")
        if answer is not None and (question.added or any(shown(answer, records))):
            found.append(question)
    return found


async def _asked(crm: TestCrm, stranger: Stranger, question: Question) -> AsyncIterator[tuple[str, Marked]]:
    answer = await crm.execute(question.text, question.variables, actor=stranger.actor)
    # Refusals are not looked at: they name what the question has named.
    given = {*re.findall(r"\w+", str(question.variables)), *stranger.told}
    for path, record in shown(answer.get("data"), stranger.hidden, given):
        yield f"Query.{path}", record


async def _exported(crm: TestCrm, stranger: Stranger, records: Iterable[Marked]) -> AsyncIterator[Shortfall]:
    for entity in dict.fromkeys(record.entity for record in records):
        file = io.BytesIO()
        try:
            await export(crm, entity, file, actor=stranger.actor)
        except Refusal:
            continue
        for _, record in shown(file.getvalue().decode(), stranger.hidden, stranger.told):
            yield _shortfall(f"The export of {crm.entities[entity].plural}", record, stranger)


async def _streamed(subject: Subject, crm: TestCrm, people: list[Stranger], records: list[Marked]) -> list[Shortfall]:
    """Let all of them hear what has happened, until the CRM itself has heard of a record, and a moment longer."""
    selecting = Selecting(subject)
    root = selecting.schema.subscription_type
    assert root is not None
    selected = selecting.of(get_named_type(root.fields["changes"].type))
    if selected is None or not selected.news:
        return []
    text = f"subscription {{ changes {{ {selected.text} }} }}"
    found: list[Shortfall] = []

    async def hear(stranger: Stranger) -> None:
        with suppress(Refusal):
            async for answer in crm.subscribe(text, actor=stranger.actor, after=str(START)):
                for path, record in shown(answer.get("data"), stranger.hidden, stranger.told):
                    found.append(_shortfall(f"Subscription.{path}", record, stranger))
                    if stranger is itself:
                        return

    itself = Stranger(await crm.actor(None), "the CRM itself", tuple(records))
    hearing = [asyncio.create_task(hear(stranger)) for stranger in (itself, *people)]
    await asyncio.wait(hearing[:1], timeout=_LONGEST)
    await asyncio.sleep(_MOMENT)
    for task in hearing:
        task.cancel()
    await asyncio.gather(*hearing, return_exceptions=True)
    return [shortfall for shortfall in found if itself.described not in shortfall.what]


async def _served(crm: TestCrm, plugin: str, records: list[Marked]) -> AsyncIterator[Shortfall]:
    if not any(name == plugin for name, _ in crm.plugins.routes()):
        return
    # Heavy, and of no use without routes.
    from httpx import ASGITransport, AsyncClient

    application: Any = crm.asgi()
    ways = [r.path for r in application.routes if r.path.startswith(f"/plugins/{plugin}/") and "{" not in r.path]
    async with AsyncClient(transport=ASGITransport(app=application), base_url="http://check.invalid") as client:
        for way in ways:
            answer = await client.get(way)
            for _, record in shown(answer.text, records):
                who = Stranger(await crm.actor(None), "somebody who has not signed in")
                yield _shortfall(f"GET {way}", record, who)
                break


def _shortfall(where: str, record: Marked, stranger: Stranger) -> Shortfall:
    return Shortfall(
        f"{where} shows a record of {record.entity} to {stranger.described}, who may not see it.",
        _FIX,
    )
