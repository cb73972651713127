"""What any attachable record may carry: tags, and the ids other systems know it by."""

from __future__ import annotations

from typing import ClassVar

from piccolo.table import Table

from crmcore.database.schema import Index
from crmcore.entities import columns as c
from crmcore.entities.columns import Write
from crmcore.entities.record import Record

__all__ = ["ExternalId", "Tag", "Tagging"]


class Tag(Record, Table, tablename="tag"):
    """A word that records are marked with."""

    name = c.text("The word; capital and small letters make no difference.", max_length=100, personal=False)
    folded = c.text(
        "The word as it is compared: case-folded, compatibility forms unified.",
        max_length=400,
        write=Write.NEVER,
        personal=False,
    )
    color = c.text("How to paint it, as in #2f6f4f.", null=True, max_length=32, personal=False)
    description = c.text("When to use it.", null=True, max_length=1000, form="text", personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("folded",), unique=True, live=True),)


class Tagging(Record, Table, tablename="tagging"):
    """That a record is marked with a tag."""

    tag_id = c.link(
        "tag",
        "The tag.",
        references=Tag,
        inverse="taggings",
        inverse_description="What carries this tag.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    record_id = c.any_link("The record that carries it.", write=Write.CREATE)
    record_type = c.text("Which entity that record is of.", max_length=80, write=Write.CREATE, personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("tag_id", "record_id"), unique=True, live=True),
        Index(("tag_id",)),
        Index(("record_id",)),
    )


class ExternalId(Record, Table, tablename="external_id"):
    """What another system calls a record of ours."""

    system = c.text("The other system, as in shopify or sap.", max_length=100, personal=False)
    external_id = c.text("What it calls the record.", personal="user.unique_id")
    record_id = c.any_link(
        "Our record.",
        inverse="externalIds",
        inverse_description="What other systems call this record.",
        write=Write.CREATE,
    )
    record_type = c.text("Which entity our record is of.", max_length=80, write=Write.CREATE, personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("system", "record_type", "external_id"), unique=True, live=True),
        Index(("record_id",)),
    )
