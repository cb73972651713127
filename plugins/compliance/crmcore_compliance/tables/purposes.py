"""What personal data are used for, and what people are told of it."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Record, Write
from crmcore import columns as c

__all__ = [
    "ComplianceLawfulBasis",
    "ComplianceNotice",
    "ComplianceOtherFields",
    "CompliancePiplBasis",
    "CompliancePurpose",
    "CompliancePurposeStatus",
]


class ComplianceLawfulBasis(Enum):
    """What article 6(1) of the GDPR asks for."""

    CONSENT = "The person agreed to it (a)."
    CONTRACT = "A contract with them, or what they asked for before one, needs it (b)."
    LEGAL_OBLIGATION = "The law demands it (c)."
    VITAL_INTERESTS = "Somebody's life may depend on it (d)."
    PUBLIC_TASK = "It is done in the public interest (e); people may object."
    LEGITIMATE_INTERESTS = "Our interest in it outweighs theirs (f); people may object."


class CompliancePiplBasis(Enum):
    """What article 13 of China's PIPL asks for; it knows no legitimate interests."""

    CONSENT = "The individual agreed to it (1)."
    CONTRACT_OR_HR = "A contract with the individual, or lawful management of employees, needs it (2)."
    STATUTORY_DUTY = "A statutory duty needs it (3)."
    EMERGENCY = "A public health emergency, or life, health and property of people (4)."
    NEWS = "News reporting in the public interest, within reason (5)."
    DISCLOSED = "The individual made it public, or it is public lawfully, within reason (6)."
    OTHER_LAW = "Another law says so (7)."


class CompliancePurposeStatus(Enum):
    """Where a purpose stands."""

    DRAFT = "Nobody may read for it yet."
    ACTIVE = "Data are used for it."
    RETIRED = "Data are used for it no more; what was recorded stays."


class ComplianceOtherFields(Enum):
    """What becomes of fields whose category the purpose does not name, for who reads for it."""

    SHOWN = "They are shown as ever."
    MASKED = "They are masked."
    HIDDEN = "They are hidden."


class CompliancePurpose(Record, Table, tablename="compliance_purpose"):
    """Something personal data are used for, why that is lawful, and what article 30 of the GDPR asks about it."""

    code = c.text(
        "Short name that requests give in the header CRM-Purpose, as in marketing.newsletter.",
        max_length=80,
        personal=False,
        write=Write.CREATE,
    )
    name = c.text("What people are told it is called.", max_length=200, personal=False)
    description = c.text("What is done with the data.", max_length=4000, form="text", default="", personal=False)
    status = c.choice(
        CompliancePurposeStatus, "Where it stands.", default=CompliancePurposeStatus.ACTIVE, personal=False
    )
    lawful_basis = c.choice(ComplianceLawfulBasis, "Why it is lawful by the GDPR.", personal=False)
    pipl_basis = c.choice(
        CompliancePiplBasis, "Why it is lawful by the PIPL; empty where that does not apply.", null=True, personal=False
    )
    legal_text = c.text(
        "The reasons: which statute, which contract, or how interests were weighed.",
        null=True,
        max_length=20_000,
        form="text",
        personal=False,
    )
    needs_consent = c.flag("Whether one of the bases is consent.", write=Write.NEVER, personal=False)
    categories = c.json(
        "Categories of data that it uses, as in user.contact.email; one stands for all below it, none for all.",
        null=False,
        default=[],
        personal=False,
    )
    others = c.choice(
        ComplianceOtherFields,
        "What becomes of fields of other categories for who reads for it.",
        default=ComplianceOtherFields.SHOWN,
        personal=False,
    )
    subjects = c.json("Whose data, as in customers, employees.", null=False, default=["customers"], personal=False)
    recipients = c.json("Who is given the data: a list of texts.", null=False, default=[], personal=False)
    transfers = c.json(
        'Where abroad the data go, and by what right: [{"country": "US", "mechanism": "…"}].',
        null=False,
        default=[],
        personal=False,
    )
    retention = c.text(
        "How long the data are kept for it, as an ISO 8601 duration, as in P3Y.",
        null=True,
        max_length=40,
        personal=False,
    )
    validity_days = c.integer(
        "How many days consent lasts; empty is until withdrawn.", null=True, minimum=1, maximum=36_500, personal=False
    )
    separate_consent = c.flag(
        "Whether consent has to be given by an act of its own: sensitive data, transfer abroad, passing on, publishing "
        "(PIPL 23, 25, 29, 39).",
        personal=False,
    )
    guardian_below = c.integer(
        "Below which age a parent or guardian consents: 14 by PIPL 31, 13 to 16 by GDPR 8; empty asks nobody's age.",
        null=True,
        minimum=1,
        maximum=21,
        personal=False,
    )
    opt_out_by_gpc = c.flag(
        "Whether the browser signal Global Privacy Control counts as an objection: sale or sharing by CCPA.",
        personal=False,
    )
    assessment = c.text(
        "Where the impact assessment is kept (GDPR 35, PIPL 55).", null=True, max_length=2000, personal=False
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("code",), unique=True, live=True),)


class ComplianceNotice(Record, Table, tablename="compliance_notice"):
    """One edition of what people are told before they decide; it never changes, so what was agreed to can be shown."""

    code = c.text("Which notice, as in newsletter-form.", max_length=80, personal=False, write=Write.CREATE)
    language = c.text("Language of the text, as in de or zh-CN.", max_length=35, personal=False, write=Write.CREATE)
    edition = c.integer(
        "The how-manieth of this notice in this language.", minimum=1, personal=False, write=Write.NEVER
    )
    title = c.text("Its heading.", max_length=300, personal=False, write=Write.CREATE)
    text = c.text("All of it.", max_length=200_000, form="text", personal=False, write=Write.CREATE)
    sha256 = c.text("SHA-256 of the text in UTF-8, as hexadecimal.", max_length=64, personal=False, write=Write.NEVER)
    effective_from = c.instant("Since when it is shown.", default=None, personal=False, write=Write.CREATE)

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("code", "language", "edition"), unique=True, live=True),)
