"""What people demand by law, what is done about it, and what speaks against it for the time being."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c

__all__ = [
    "ComplianceErasureMode",
    "ComplianceHold",
    "CompliancePackage",
    "ComplianceRegime",
    "ComplianceRequest",
    "ComplianceRequestKind",
    "ComplianceRequestStatus",
    "ComplianceTask",
    "ComplianceTaskState",
]

_CUSTOMER = "crmcore.customers.tables:Customer"


class ComplianceRequestKind(Enum):
    """What somebody demands."""

    ACCESS = "To be told what is held of them."
    PORTABILITY = "To be given their data in a form that others can read."
    RECTIFICATION = "That what is wrong be put right."
    ERASURE = "That their data be erased."
    RESTRICTION = "That their data be kept and not used."
    OBJECTION = "That their data not be used for a purpose."
    CONSENT_WITHDRAWAL = "That consent they gave not count any more."
    OPT_OUT_OF_SALE = "That their data not be sold or shared."
    HUMAN_REVIEW = "That a person look at what a machine decided."


class ComplianceRequestStatus(Enum):
    """Where a request stands."""

    IDENTITY_UNVERIFIED = "Nobody knows yet whether it is they who ask."
    REQUIRES_INPUT = "Something is missing that only they can give."
    PENDING = "Somebody has to decide."
    APPROVED = "It will be done."
    DENIED = "It will not be done, for a reason that they are told."
    IN_PROCESSING = "It is being done."
    PAUSED = "Somebody stopped it for a while."
    ON_HOLD = "A legal hold stands in its way; it goes on by itself when that is released."
    COMPLETE = "It is done."
    CANCELED = "They do not want it any more."
    ERROR = "It failed, and has to be looked at."
    DUPLICATE = "Another request asks the same."
    EXPIRED = "They never proved who they are, or never gave what was missing."


class ComplianceRegime(Enum):
    """Which law gives the right and sets the time."""

    GDPR = "The European Union's General Data Protection Regulation."
    CCPA = "The California Consumer Privacy Act."
    PIPL = "China's Personal Information Protection Law."
    OTHER = "Another law; the longest of these times is not assumed, the shortest is."


class ComplianceErasureMode(Enum):
    """How thoroughly somebody is erased."""

    SHRED_AND_DELETE = "Keys are destroyed, rows that only describe the person go, the rest is emptied."
    SHRED_ONLY = "Keys are destroyed and what is not sealed is emptied; every row stands."


class ComplianceTaskState(Enum):
    """Where a step stands."""

    WAITING = "It has not been done yet."
    DONE = "It is done."
    FAILED = "It failed; it is tried again."


class ComplianceRequest(Record, Table, tablename="compliance_request"):
    """What a person demands by law, until when it is due, and what became of it."""

    customer_id = c.link(
        "customer",
        "Who demands it, or for whom.",
        references=_CUSTOMER,
        null=True,
        inverse="complianceRequests",
        inverse_description="What this customer has demanded by data protection law.",
        on_delete="SET NULL",
        write=Write.NEVER,
    )
    subject = c.text(
        "Pseudonym of the person, which stays when they are erased.",
        max_length=128,
        personal=False,
        write=Write.NEVER,
    )
    kind = c.choice(ComplianceRequestKind, "What is demanded.", write=Write.NEVER)
    regime = c.choice(ComplianceRegime, "By which law.", write=Write.NEVER)
    status = c.choice(
        ComplianceRequestStatus,
        "Where it stands.",
        default=ComplianceRequestStatus.IDENTITY_UNVERIFIED,
        write=Write.NEVER,
    )
    external_key = c.text(
        "What another system calls it; the same demand delivered twice is kept once.",
        null=True,
        max_length=200,
        personal=False,
        write=Write.NEVER,
    )
    received_at = c.instant("When it was received, which starts the clock.", write=Write.NEVER)
    due_at = c.instant("Until when it must be answered.", write=Write.NEVER)
    extended_at = c.instant("When the time was extended.", null=True, write=Write.NEVER)
    extension_reason = c.text(
        "Why, as the person is told.", null=True, max_length=2000, personal="user.content", write=Write.NEVER
    )
    details = c.text(
        "What they said.", null=True, max_length=20_000, form="text", personal="user.content", write=Write.NEVER
    )
    changes = c.json(
        "For RECTIFICATION: the records to change and their new values.", personal="user.content", write=Write.NEVER
    )
    purpose = c.text(
        "For OBJECTION and CONSENT_WITHDRAWAL: the purpose; empty is all direct marketing, and all consent.",
        null=True,
        max_length=100,
        personal=False,
        write=Write.NEVER,
    )
    mode = c.choice(
        ComplianceErasureMode,
        "For ERASURE: how thoroughly.",
        default=ComplianceErasureMode.SHRED_AND_DELETE,
        write=Write.NEVER,
    )
    identity_method = c.text(
        "How it was made sure that it is they.", null=True, max_length=200, personal=False, write=Write.NEVER
    )
    verified_at = c.instant("When that was.", null=True, write=Write.NEVER)
    decided_at = c.instant("When it was approved or denied.", null=True, write=Write.NEVER)
    decision_reason = c.text(
        "Why it was denied, or what is missing, as the person is told.",
        null=True,
        max_length=2000,
        personal="user.content",
        write=Write.NEVER,
    )
    completed_at = c.instant("When it was done.", null=True, write=Write.NEVER)
    certificate = c.json("For ERASURE: what was done, signed; it names nobody.", personal=False, write=Write.NEVER)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("customer_id", "received_at desc")),
        Index(("status", "due_at")),
        Index(("external_key",), unique=True, live=True, where="external_key is not null"),
    )


class ComplianceTask(Record, Table, tablename="compliance_task"):
    """One step of carrying out a request."""

    request_id = c.link(
        "compliance_request",
        "Of which request.",
        references=ComplianceRequest,
        inverse="tasks",
        inverse_description="The steps by which it is carried out.",
        on_delete="CASCADE",
        write=Write.NEVER,
    )
    step = c.text("Which step, as in rows or key.", max_length=60, personal=False, write=Write.NEVER)
    state = c.choice(ComplianceTaskState, "Where it stands.", default=ComplianceTaskState.WAITING, write=Write.NEVER)
    attempts = c.integer("How often it was tried.", default=0, write=Write.NEVER)
    rows = c.integer("How many rows it dealt with.", default=0, write=Write.NEVER)
    result = c.json("What it did, without personal data.", personal=False, write=Write.NEVER)
    error = c.text("Why it failed.", null=True, max_length=1000, personal=False, write=Write.NEVER)
    done_at = c.instant("When it was done.", null=True, write=Write.NEVER)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("request_id", "step"), unique=True),)


class ComplianceHold(Record, Table, tablename="compliance_hold"):
    """A legal hold: as long as it stands nothing of the person, or of anybody, is erased or ages out."""

    customer_id = c.link(
        "customer",
        "About whom; null is everybody.",
        references=_CUSTOMER,
        null=True,
        inverse="complianceHolds",
        inverse_description="Legal holds that keep this customer's data from being erased.",
        on_delete="SET NULL",
        write=Write.NEVER,
    )
    everybody = c.flag("Whether it holds for all customers.", write=Write.NEVER)
    reason = c.text("Why: the dispute or the order of a court.", max_length=2000, personal=False, write=Write.NEVER)
    placed_at = c.instant("Since when it stands.", write=Write.NEVER)
    until = c.instant("When it ends by itself; null for not.", null=True, write=Write.NEVER)
    released_at = c.instant("When it was released.", null=True, write=Write.NEVER)
    release_reason = c.text("Why.", null=True, max_length=2000, personal=False, write=Write.NEVER)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("customer_id",)),
        Index(("until",), where="released_at is null"),
    )


class CompliancePackage(Table, tablename="compliance_package"):
    """What was gathered for somebody, sealed with their own key, so that it goes when they are erased."""

    id = c.identifier("Identifies the row: the request's id.")
    subject_id = c.text("Whose, as a UUID.", max_length=36, personal=False)
    content = c.text("The files, sealed, as base64.", max_length=2_000_000_000, form="text", personal=False)
    manifest = c.json("Names, sizes and digests of the files, signed.", personal=False)
    made_at = c.instant("When.")
    expires_at = c.instant("When it is removed.")

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("expires_at",)),)
