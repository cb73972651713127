"""How customers relate to each other."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore.customers.tables.customer import Customer
from crmcore.database.schema import Index
from crmcore.entities import columns as c
from crmcore.entities.columns import Write
from crmcore.entities.record import Record

__all__ = ["CustomerRelation", "CustomerRelationType"]


class CustomerRelationType(Enum):
    """What one customer is to another; read it as a sentence from `from` to `to`."""

    EMPLOYED_BY = "Works for the other."
    SUBSIDIARY_OF = "Belongs to the other."
    HOUSEHOLD = "Lives with the other."
    REFERRED_BY = "Was recommended to us by the other."
    PARTNER = "Does business together with the other."


class CustomerRelation(Record, Table, tablename="customer_relation"):
    """What one customer is to another, and from when to when."""

    from_id = c.link(
        "customer",
        "Who relates.",
        references=Customer,
        inverse="relations",
        inverse_description="What this customer is to others.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    to_id = c.link(
        "customer",
        "To whom.",
        references=Customer,
        inverse="relationsOfOthers",
        inverse_description="What others are to this customer.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    type = c.choice(CustomerRelationType, "What they are to each other.")
    role = c.text("In which role, as in chief buyer.", default="", personal="user.job_title")
    is_primary = c.flag(
        "Whether it is the main one of its type, such as the main employer; choosing one unchooses the other."
    )
    started_on = c.day("Since when; null if nobody knows.", null=True, personal="user.workplace")
    ended_on = c.day("Until when; null while it lasts.", null=True, personal="user.workplace")

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("from_id", "to_id", "type", "role"), unique=True, live=True),
        Index(("from_id", "type"), unique=True, live=True, where="is_primary", name="customer_relation_primary_key"),
        Index(("from_id",)),
        Index(("to_id",)),
    )
