"""How long data are kept, and proof that they went."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c

__all__ = ["ComplianceRetentionAction", "ComplianceRetentionRule", "ComplianceRetentionRun"]


class ComplianceRetentionAction(Enum):
    """What becomes of what is too old."""

    DELETE = "It is removed."
    ANONYMISE = "What is personal in it is emptied."
    REVIEW = "Somebody is to look at it; nothing is changed."


class ComplianceRetentionRule(Record, Table, tablename="compliance_retention_rule"):
    """How long records of an entity, or what they hold of a category, are kept."""

    name = c.text("What people call it.", max_length=200, personal=False)
    entity = c.text("Which entity, as in interaction.", max_length=80, personal=False)
    category = c.text(
        "Only columns of this category of personal data and of those below it, as in user.contact; null for all.",
        null=True,
        max_length=100,
        personal=False,
    )
    purpose = c.text("For which purpose they were kept.", null=True, max_length=100, personal=False)
    basis = c.text("From which instant on time counts: a column, as in occurredAt.", max_length=80, personal=False)
    days = c.integer("How many days they are kept from then on.", minimum=1, maximum=36_500)
    action = c.choice(ComplianceRetentionAction, "What becomes of them then.")
    enabled = c.flag("Whether it is carried out every night.")

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("name",), unique=True, live=True),)


class ComplianceRetentionRun(Record, Table, tablename="compliance_retention_run"):
    """That a rule was carried out, or tried; which records it met is proved by a digest of their ids."""

    rule_id = c.link(
        "compliance_retention_rule",
        "Which rule.",
        references=ComplianceRetentionRule,
        inverse="runs",
        inverse_description="When it was carried out.",
        on_delete="CASCADE",
        write=Write.NEVER,
    )
    dry_run = c.flag("Whether it was only tried.", write=Write.NEVER)
    before = c.instant("What is older than this was met.", write=Write.NEVER)
    met = c.integer("How many records were too old.", default=0, write=Write.NEVER)
    held = c.integer("How many of them a legal hold keeps.", default=0, write=Write.NEVER)
    done = c.integer("How many were dealt with.", default=0, write=Write.NEVER)
    proof = c.json("Digest of the ids, what was done, when, signed.", personal=False, write=Write.NEVER)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("rule_id", "created_at desc")),)
