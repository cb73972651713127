"""That people were trained, and that somebody looked whether what is promised is done."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record
from crmcore import columns as c

__all__ = ["ComplianceReview", "ComplianceReviewKind", "ComplianceTraining"]


class ComplianceReviewKind(Enum):
    """What was looked at."""

    AUDIT = "Whether processing keeps the law and our own rules (GDPR 24, PIPL 54)."
    ASSESSMENT = "An impact assessment (GDPR 35, PIPL 55); kept for three years at least."
    RESTORE_TEST = "Whether a backup can be restored, and forgets again whom it must."
    KEY_TEST = "Whether keys can be rotated, and come back from where they are kept."
    INCIDENT_DRILL = "Whether a breach would be told of in 72 hours."
    ACCESS_REVIEW = "Who may see what, and whether they need it."
    OTHER = "Something else; the title says what."


class ComplianceTraining(Record, Table, tablename="compliance_training"):
    """That somebody who handles personal data was trained."""

    user_id = c.link("user", "Who was trained.", references="crmcore.access.tables:User")
    course = c.text("What it was about.", max_length=200, personal=False)
    completed_on = c.day("When they finished it.", personal="user.workplace")
    valid_until = c.day("When it has to be done again.", null=True, personal=False)
    result = c.text("How it went, if it was tested.", null=True, max_length=200, personal="user.content")
    certificate = c.text("Where the certificate is kept.", null=True, max_length=2000, personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("user_id",)), Index(("valid_until",)))


class ComplianceReview(Record, Table, tablename="compliance_review"):
    """That somebody looked whether what is promised is done, and what came of it."""

    kind = c.choice(ComplianceReviewKind, "What was looked at.", personal=False)
    title = c.text("What it is called.", max_length=300, personal=False)
    held_on = c.day("When.", personal=False)
    reviewer = c.text("Who looked.", max_length=200, personal="user.name")
    purpose_code = c.text("Which purpose it was about, if one.", null=True, max_length=80, personal=False)
    findings = c.text("What was found.", null=True, max_length=50_000, form="text", personal=False)
    measures = c.text("What is done about it.", null=True, max_length=50_000, form="text", personal=False)
    next_due = c.day("When it is due again.", null=True, personal=False)
    document = c.text("Where the report is kept.", null=True, max_length=2000, personal=False)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("kind", "held_on")), Index(("next_due",)))
