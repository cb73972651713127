"""Customers, people and organisations in one table, and the history of their lifecycle."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore.database.schema import Index
from crmcore.entities import columns as c
from crmcore.entities.columns import Write
from crmcore.entities.record import Customizable, Owned, Record

__all__ = [
    "AcquisitionSource",
    "Customer",
    "CustomerKind",
    "CustomerStatus",
    "EmployeeBand",
    "Gender",
    "LifecycleChange",
]


class CustomerKind(Enum):
    """Whether a customer is a human being or a body of them."""

    PERSON = "A human being."
    ORGANIZATION = "A company, public body, association or household."


class CustomerStatus(Enum):
    """Whether one deals with the customer at present."""

    ACTIVE = "One deals with them."
    INACTIVE = "Nothing is expected of them for now."
    BLOCKED = "Nobody may deal with them until this is lifted."
    MERGED = "They turned out to be another customer, whom mergedInto names."


class Gender(Enum):
    """What a person says of their gender; empty means that nobody asked."""

    FEMALE = "Female."
    MALE = "Male."
    DIVERSE = "Neither only female nor only male."
    UNDISCLOSED = "Asked, and not told."


class EmployeeBand(Enum):
    """How many people work for an organisation."""

    UP_TO_10 = "1 to 10 people."
    UP_TO_50 = "11 to 50 people."
    UP_TO_200 = "51 to 200 people."
    UP_TO_500 = "201 to 500 people."
    UP_TO_1000 = "501 to 1000 people."
    OVER_1000 = "More than 1000 people."


class AcquisitionSource(Enum):
    """Where somebody or something was first heard of."""

    CALL = "By telephone."
    EMAIL = "By e-mail."
    WEB = "Through the website."
    REFERRAL = "Somebody recommended us."
    EVENT = "At a fair, a talk, a party."
    IMPORT = "In a list from another system."
    SOCIAL = "On a social network."
    AD = "Through an advertisement."
    PARTNER = "Through a partner."
    OTHER = "Some other way; sourceDetail says which."


class Customer(Customizable, Owned, Record, Table, tablename="customer"):
    """Somebody the business deals with or would like to: a person or an organisation."""

    kind = c.choice(CustomerKind, "A person or an organisation; never changes.", write=Write.CREATE)
    display_name = c.text(
        "What to call them. Left empty, it follows from a person's names in their language's order, or from legalName.",
        default=None,
        personal="user.name",
    )
    salutation = c.text("How to address them, as in Dr. or 女士.", null=True, max_length=60, personal="user.name")
    given_name = c.text("First name, personal name.", null=True, personal="user.name.first")
    middle_name = c.text("Names between the first and the last.", null=True, personal="user.name")
    family_name = c.text("Last name, surname.", null=True, personal="user.name.last")
    gender = c.choice(Gender, "What the person says of their gender.", null=True, personal="user.demographic.gender")
    birth_date = c.day("The day the person was born.", null=True, personal="user.demographic.date_of_birth")
    job_title = c.text("What the person does for a living.", null=True, personal="user.job_title")
    department = c.text("Where in their organisation the person works.", null=True, personal="user.workplace")

    legal_name = c.text(
        "The organisation's name in contracts.", null=True, personal=c.PersonalData("user.name", sensitivity=1)
    )
    tax_id = c.text("The organisation's tax or VAT number.", null=True, max_length=64, personal="user.government_id")
    industry = c.text("What the organisation does.", null=True, personal=False)
    employee_band = c.choice(EmployeeBand, "How many people work for the organisation.", null=True)
    annual_revenue = c.minor_units(
        "What the organisation turns over in a year.", currency="annual_revenue_currency", minimum=0
    )
    annual_revenue_currency = c.currency("Currency of the annual revenue.")
    parent_id = c.link(
        "customer",
        "The organisation this organisation is part of.",
        references="self",
        null=True,
        inverse="children",
        inverse_description="The organisations that are part of this one.",
        on_delete="SET NULL",
    )

    website = c.text("Address of the website.", null=True, max_length=2000, form="url", personal="user.contact.url")
    domain = c.text(
        "Domain of website and e-mail, as in example.com; kept in lower case and Punycode.",
        null=True,
        personal=c.PersonalData("user.contact.url", sensitivity=1),
    )
    avatar_url = c.text("Address of a picture.", null=True, max_length=2000, form="url", personal="user.contact.url")
    description = c.text(
        "Whatever else is worth knowing.", null=True, max_length=20_000, form="text", personal="user.content"
    )

    lifecycle_stage = c.text(
        "How far the relation has come, one of the registered lifecycle stages; every change is kept in lifecycleChanges.",
        default="LEAD",
        max_length=40,
        registry="lifecycle_stages",
        personal=False,
    )
    lifecycle_reason = c.text(
        "Why the customer is in this stage: a short code of your own. Cleared when the stage changes without one.",
        null=True,
        personal=False,
    )
    lifecycle_note = c.text(
        "What there is to say about that. Cleared when the stage changes without one.",
        null=True,
        max_length=20_000,
        form="text",
        personal="user.content",
    )
    lifecycle_entered_at = c.instant("Since when the customer is in this stage.", write=Write.NEVER)
    status = c.choice(CustomerStatus, "Whether one deals with the customer at present.", default=CustomerStatus.ACTIVE)
    merged_into_id = c.link(
        "customer",
        "The customer that this one turned out to be.",
        references="self",
        null=True,
        on_delete="SET NULL",
        write=Write.NEVER,
    )
    source = c.choice(AcquisitionSource, "Where the customer was first heard of.", null=True)
    source_detail = c.text("More about that: which fair, whose recommendation.", null=True, personal="user.content")
    first_touch_at = c.instant("When the customer was first heard of.", null=True)

    locale = c.text(
        "Language and region, as in zh-Hans-CN or en-GB (BCP 47).",
        null=True,
        max_length=35,
        form="locale",
        personal="user.demographic.language",
    )
    timezone = c.text(
        "Time zone, as in Asia/Shanghai (IANA).",
        null=True,
        max_length=64,
        form="timezone",
        personal="user.location.imprecise",
    )
    currency = c.currency("The currency they pay in.")
    country = c.text(
        "Country, as in CN (ISO 3166-1).",
        null=True,
        max_length=2,
        form="country",
        personal="user.contact.address.country",
    )
    preferred_channel = c.text(
        "The channel on which they like to be reached.",
        null=True,
        max_length=40,
        registry="interaction_channels",
        personal="user.privacy_preferences",
    )
    do_not_contact = c.flag("They do not want to hear from us in any way.")
    do_not_call = c.flag("They do not want to be called.")

    last_interaction_at = c.instant(
        "When somebody last had to do with them; kept from the interactions.", null=True, write=Write.NEVER
    )
    next_interaction_at = c.instant(
        "When the next planned interaction is due; kept from the interactions.", null=True, write=Write.NEVER
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("owner_id",)),
        Index(("team_id",)),
        Index(("parent_id",)),
        Index(("merged_into_id",)),
        Index(("display_name",)),
        Index(("lifecycle_stage",)),
        Index(("country", "created_at desc", "id desc")),
        Index(("domain",)),
        Index(("last_interaction_at",)),
        Index(("next_interaction_at",)),
    )


class LifecycleChange(Record, Table, tablename="lifecycle_change"):
    """That a customer came into a lifecycle stage; createdBy says who recorded it."""

    customer_id = c.link(
        "customer",
        "Whose lifecycle it is.",
        references=Customer,
        inverse="lifecycleChanges",
        inverse_description="How this customer's lifecycle went.",
        on_delete="CASCADE",
        write=Write.NEVER,
    )
    from_stage = c.text(
        "The stage before; null for the first.", null=True, max_length=40, write=Write.NEVER, personal=False
    )
    to_stage = c.text("The stage after.", max_length=40, write=Write.NEVER, personal=False)
    at = c.instant("When it happened; createdAt says when it was recorded.", write=Write.NEVER)
    reason = c.text("Why: a short code.", null=True, write=Write.NEVER, personal=False)
    note = c.text(
        "What there was to say about it.",
        null=True,
        max_length=20_000,
        form="text",
        write=Write.NEVER,
        personal="user.content",
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("customer_id", "at desc")), Index(("to_stage", "at desc")))
