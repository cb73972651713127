"""Fields that an installation defines at run time."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore.database.schema import Index
from crmcore.entities import columns as c
from crmcore.entities.columns import Write
from crmcore.entities.record import Record

__all__ = ["CustomFieldDefinition", "CustomFieldKind"]


class CustomFieldKind(Enum):
    """What a custom field holds."""

    TEXT = "A text of at most 4000 characters."
    NUMBER = "A number."
    BOOLEAN = "True or false."
    DATE = "A calendar date, as in 2026-01-31."
    CHOICE = "One of the listed choices."


class CustomFieldDefinition(Record, Table, tablename="custom_field_definition"):
    """A field of this installation's own; its values stand in customFields of the records, below its key."""

    record_type = c.text(
        "Whose field it is: an entity, as in customer or deal.", max_length=80, write=Write.CREATE, personal=False
    )
    key = c.text(
        "Its name in customFields: letters, digits and underscores, beginning with a small letter.",
        max_length=60,
        write=Write.CREATE,
        personal=False,
    )
    label = c.text("Its name for people.", personal=False)
    description = c.text("What belongs into it.", null=True, max_length=1000, form="text", personal=False)
    kind = c.choice(CustomFieldKind, "What it holds.", write=Write.CREATE)
    is_required = c.flag("Whether every record made from now on must have it.")
    choices = c.json("For CHOICE: the list of texts to choose from.", null=True, personal=False)
    position = c.integer("Where it stands among the others; smaller comes first.", default=0)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("record_type", "key"), unique=True, live=True),)
