"""Who looked at sensitive data, who was lured, and what was lost."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c

__all__ = [
    "ComplianceAccess",
    "ComplianceAccessOutcome",
    "ComplianceAccessSubject",
    "ComplianceBreach",
    "ComplianceHoneytoken",
]


class ComplianceAccessOutcome(Enum):
    """What came of asking for sensitive data."""

    READ = "The values were shown as the roles of whoever read them have it."
    REVEALED = "A masked value was shown in full, for a reason."
    REFUSED = "It was asked for, and not shown."


class ComplianceAccess(Table, tablename="compliance_access"):
    """Somebody looked at one sensitive field, of one or many records, in one request. Never changed."""

    id = c.identifier("Identifies the access.")
    at = c.instant("When.", write=Write.NEVER)
    actor_kind = c.text("What kind of actor: USER, SYSTEM, …", max_length=40, personal=False, write=Write.NEVER)
    actor_id = c.text("Who, by id.", null=True, max_length=100, personal=False, write=Write.NEVER)
    entity = c.text("Of which entity.", max_length=100, personal=False, write=Write.NEVER)
    field = c.text("Which field.", max_length=100, personal=False, write=Write.NEVER)
    records = c.integer("How many records.", minimum=0, write=Write.NEVER)
    outcome = c.choice(
        ComplianceAccessOutcome, "What came of it.", default=ComplianceAccessOutcome.READ, write=Write.NEVER
    )
    purpose = c.text("What they said they read for.", null=True, max_length=200, personal=False, write=Write.NEVER)
    reason = c.text(
        "What they gave as the reason.",
        null=True,
        max_length=2000,
        form="text",
        personal="user.content",
        write=Write.NEVER,
    )
    request_id = c.text("The request.", null=True, max_length=200, personal=False, write=Write.NEVER)
    number = c.big_integer("Which entry of the audit log it is; null until it is.", null=True, write=Write.NEVER)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("id",), where="number is null", name="compliance_access_waiting"),
        Index(("at",)),
        Index(("actor_id", "at")),
    )


class ComplianceAccessSubject(Table, tablename="compliance_access_subject"):
    """Whose data an access was to: a row a record."""

    id = c.identifier("Identifies the row.")
    access_id = c.link("compliance_access", "The access.", references=None)
    subject_id = c.any_link("Who the record is about; null if nobody in particular.", null=True)
    record_id = c.any_link("The record.")
    at = c.instant("When.")

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("access_id",)), Index(("subject_id", "at")))


class ComplianceHoneytoken(Record, Table, tablename="compliance_honeytoken"):
    """A customer that does not exist: whoever looks at it is where nobody has business. Any look raises an alarm."""

    customer_id = c.link(
        "customer", "Which customer is made up.", references="crmcore.customers.tables:Customer", write=Write.CREATE
    )
    planted = c.text("Where it was planted, and for whom.", max_length=500, personal=False)
    alarms = c.integer("How often somebody has looked.", default=0, write=Write.NEVER)
    last_alarm_at = c.instant("When somebody last did.", null=True, write=Write.NEVER)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("customer_id",), unique=True, live=True),)


class ComplianceBreach(Record, Table, tablename="compliance_breach"):
    """Personal data was lost, changed or seen by somebody who must not; what article 33 (5) GDPR wants documented."""

    title = c.text("What it is called.", personal=False)
    detected_at = c.instant("When it became known: the clock runs from here.")
    due_at = c.instant("Until when the authority has to know: 72 hours later.", write=Write.NEVER)
    nature = c.text("What happened.", max_length=20_000, form="text", personal="user.content")
    categories = c.json("Categories of the data, a list of texts.", personal=False)
    began_at = c.instant("When it began, as far as is known; by this the access log is searched.", null=True)
    ended_at = c.instant("When it ended.", null=True)
    actor_id = c.text("Whose account was used, as in user_0190…", null=True, max_length=100, personal=False)
    approximate_subjects = c.integer("How many people it is about, as told.", null=True, minimum=0)
    consequences = c.text("What may come of it.", null=True, max_length=20_000, form="text", personal="user.content")
    measures = c.text("What was done.", null=True, max_length=20_000, form="text", personal="user.content")
    authority_notified_at = c.instant("When the authority was told.", null=True)
    subjects_notified_at = c.instant("When those whose data it is were told.", null=True)
    delay_reason = c.text(
        "Why the authority was told late.", null=True, max_length=5000, form="text", personal="user.content"
    )
    closed_at = c.instant("When it was closed.", null=True)
    warned = c.text(
        "The last warning that was given of the clock: SOON or OVERDUE.",
        null=True, max_length=10, write=Write.NEVER, personal=False,
    )  # fmt: skip

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("due_at",)), Index(("detected_at desc",)))
