"""Marking any attachable record with tags, by their names."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

from crmcore.entities import actions, forms
from crmcore.entities.action import RecordRef, Ref, action
from crmcore.entities.change import Change
from crmcore.entities.fields import Many
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Duplicate, Invalid

__all__ = ["TAGS", "RecordTags", "add_tags", "folded", "prepare_tag", "remove_tags"]


def _tags_of(parent: str, child: str) -> str:
    # Ids are unique across all entities, so the record's type need not be compared.
    return (
        f"{child}.id in (select {child}_m.tag_id from tagging {child}_m "
        f"where {child}_m.record_id = {parent}.id and {child}_m.deleted_at is null)"
    )


#: The field `tags` that every attachable entity has.
TAGS = Many("tags", "The tags on this record.", "tag", _tags_of)


@dataclass(frozen=True)
class RecordTags:
    """The tags on a record after a change."""

    record: Annotated[RecordRef, Ref("*"), "The record."]
    names: Annotated[list[str], "Names of all tags the record now has, in alphabetical order."]


def folded(name: str) -> str:
    """Return a tag's name as it is compared: case-folded, with compatibility forms unified (NFKC)."""
    return unicodedata.normalize("NFKC", name).casefold()


async def prepare_tag(work: Work, change: Change) -> None:  # noqa: ARG001 -- every prepare is called alike
    """Complete a tag with its compared form."""
    if change.kind in ("create", "update") and change.changed("name") and not change.violations:
        change.values["folded"] = folded(change.get("name"))


@action(returns=RecordTags)
async def add_tags(
    work: Work,
    record: Annotated[RecordRef, Ref("*"), "The record to mark."],
    names: Annotated[
        list[str], "Names of tags; those that do not exist are made. Capital and small letters make no difference."
    ],
) -> RecordTags:
    """Mark a record with tags.

    Raises:

        Invalid: records of this kind cannot carry tags, or a name is empty.
        Forbidden: the actor may not change the record, or would have to make a tag and may not.
    """
    await _check_carrier(work, record)
    present = {row["tag_id"] for row in await work.find("tagging", record_id=record.id)}
    for name in _cleaned(names):
        tag = await _tag(work, name)
        if tag["id"] not in present:
            present.add(tag["id"])
            await _attach(work, tag["id"], record)
    return await _tags(work, record)


@action(returns=RecordTags)
async def remove_tags(
    work: Work,
    record: Annotated[RecordRef, Ref("*"), "The record to unmark."],
    names: Annotated[list[str], "Names of tags; those the record does not have are passed over."],
) -> RecordTags:
    """Take tags off a record.

    Raises:

        Invalid: records of this kind cannot carry tags, or a name is empty.
        Forbidden: the actor may not change the record.
    """
    await _check_carrier(work, record)
    unwanted = {folded(name) for name in _cleaned(names)}
    for tagging in await work.find("tagging", record_id=record.id):
        tags = await work.find("tag", id=tagging["tag_id"])
        if any(tag["folded"] in unwanted for tag in tags):
            await actions.destroy(work, "tagging", tagging["id"])
    return await _tags(work, record)


async def _check_carrier(work: Work, record: RecordRef) -> None:
    if record.entity not in work.entities.attachable:
        known = ", ".join(work.entities.attachable)
        raise Invalid.at("record", "WRONG_ID_TYPE", f"A {record.entity} cannot carry tags; these can: {known}.")
    await work.get(record.entity, record.id, action="update")


def _cleaned(names: Iterable[str]) -> list[str]:
    try:
        cleaned = [forms.clean("line", name) for name in names]
    except ValueError as problem:
        raise Invalid.at("names", "MALFORMED", f"A tag's name {problem}") from problem
    if not all(cleaned):
        raise Invalid.at("names", "REQUIRED", "A tag needs a name; leave the empty one out.")
    return cleaned


async def _tag(work: Work, name: str) -> Row:
    found = await work.find("tag", folded=folded(name))
    if not found:
        try:
            async with work.savepoint():
                return await actions.create(work, "tag", {"name": name})
        except Duplicate:  # somebody else made it at the same moment
            found = await work.find("tag", folded=folded(name))
            if not found:
                raise
    return found[0]


async def _attach(work: Work, tag: UUID, record: RecordRef) -> None:
    values = {"tag_id": tag, "record_id": record.id, "record_type": record.entity}
    try:
        async with work.savepoint():
            await actions.create(work, "tagging", values)
    except Duplicate:
        return  # somebody else marked it at the same moment


async def _tags(work: Work, record: RecordRef) -> RecordTags:
    sql = (
        "select t.name from tag t join tagging m on m.tag_id = t.id "
        "where m.record_id = $1 and m.deleted_at is null and t.deleted_at is null order by t.folded"
    )
    return RecordTags(record, [row["name"] for row in await work.rows(sql, record.id)])
