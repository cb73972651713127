"""Does a page of 200 records cost no more statements than one of two?"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator

from graphql import get_named_type, is_object_type, is_required_argument

from crmcore.contract.rule import Shortfall, Tier, rule
from crmcore.contract.silver.leaking import UNLIMITED
from crmcore.contract.subject import Subject
from crmcore.contract.trying.crowd import Crowd
from crmcore.contract.trying.records import Records
from crmcore.contract.trying.selecting import Selecting
from crmcore.contract.trying.tried import tried
from crmcore.testing import TestCrm

__all__ = ["statements_do_not_grow_with_the_page"]

_FEW, _MANY = 2, 200


@rule(Tier.SILVER)
async def statements_do_not_grow_with_the_page(subject: Subject) -> AsyncIterator[Shortfall]:
    """A field that asks the database once for every record is quick on the author's ten records and stops a server on ten
    thousand.

    200 records of each of the plugin's entities, and of those it adds fields to, are made. Each list is asked for two and
    for 200 of them, with all the plugin's fields; both must run equally many statements.
    """
    async with tried(subject, subject.dialects[0], **UNLIMITED) as crm:
        records = Records(crm, subject.name)
        await records.all()
        lists = list(_lists(subject))
        wanted = {e.name for e in crm.entities.values() if e.plugin == subject.name}
        touched = [e.name for e in crm.entities.values() if e.name in wanted or any(e.plural == n for n, _, _ in lists)]
        await Crowd(records, _MANY).gather(touched)
        for name, selection, parts in lists:
            few, many = await _statements(crm, name, selection)
            if many > few:
                guilty = [part for part in parts if await _grows(crm, name, part)]
                yield Shortfall(
                    f"Query.{name} runs {few} statements for {_FEW} records and {many} for {_MANY}{_because(guilty)}.",
                    "Let the planner answer the field (Added with an Expression, a link's inverse), or give it values for all "
                    "records of the page at once: fields.Computed, or a DataLoader.",
                )


def _lists(subject: Subject) -> Iterator[tuple[str, str, list[str]]]:
    """Yield the lists of records in which the plugin's fields can be selected: name, all of them, each of them."""
    selecting = Selecting(subject)
    query = selecting.schema.query_type
    assert query is not None
    entities = {e.type_name for e in subject.crm.entities.values()}
    for name, field in query.fields.items():
        page = get_named_type(field.type)
        if any(is_required_argument(a) for a in field.args.values()) or not is_object_type(page):
            continue
        kind = get_named_type(page.fields["nodes"].type) if "nodes" in page.fields else page
        if "first" in field.args and kind.name in entities:
            chosen = selecting.parts(kind)
            if not selecting.is_new(kind.name):
                chosen = [part for part in chosen if selecting.adds(kind, part.text.split(" ", maxsplit=1)[0])]
            if chosen:
                yield name, " ".join(part.text for part in chosen), [part.text for part in chosen]


async def _grows(crm: TestCrm, name: str, part: str) -> bool:
    few, many = await _statements(crm, name, part)
    return many > few


async def _statements(crm: TestCrm, name: str, selection: str) -> tuple[int, int]:
    text = f"query($first: Int) {{ {name}(first: $first) {{ nodes {{ {selection} }} }} }}"
    counted = []
    for first in (_FEW, _FEW, _MANY):  # the first time something may be looked up that is kept
        before = crm.database.watch.statements
        await crm.execute(text, {"first": first})
        counted.append(crm.database.watch.statements - before)
    return counted[1], counted[2]


def _because(parts: list[str]) -> str:
    names = [part.split(" ", maxsplit=1)[0] for part in parts]
    return f", because of {', '.join(names)}" if names else ""
