"""Interactions, and who takes part in them."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore.customers.tables import Customer
from crmcore.database.schema import Index
from crmcore.entities import columns as c
from crmcore.entities.columns import Write
from crmcore.entities.record import Customizable, Owned, Record
from crmcore.pipelines.tables import Deal

__all__ = [
    "BodyFormat",
    "Direction",
    "Interaction",
    "InteractionParticipant",
    "InteractionStatus",
    "ParticipantResponse",
    "ParticipantRole",
    "Visibility",
]


class Direction(Enum):
    """Who turned to whom."""

    INBOUND = "The customer turned to us."
    OUTBOUND = "We turned to the customer."
    INTERNAL = "Among ourselves."


class InteractionStatus(Enum):
    """Whether it has happened."""

    PLANNED = "It is to happen."
    IN_PROGRESS = "It is happening."
    COMPLETED = "It has happened."
    NO_ANSWER = "It was tried and nobody answered."
    FAILED = "It was tried and did not work."
    CANCELLED = "It will not happen."


class BodyFormat(Enum):
    """How the body is written."""

    PLAIN = "Plain text."
    MARKDOWN = "Markdown (CommonMark)."
    HTML = "HTML; clean it before you show it."


class Visibility(Enum):
    """Who may read it, among those whose roles let them read such interactions."""

    PRIVATE = "Its owner and its assignee."
    PARTICIPANTS = "Those, and the colleagues who took part."
    TEAM = "Those, and its team."
    ALL = "Everybody."


class ParticipantRole(Enum):
    """In which way somebody takes part."""

    FROM = "Sent or began it."
    TO = "It was sent to them."
    CC = "A copy was sent to them."
    ATTENDEE = "Is there."
    ORGANIZER = "Invited the others."


class ParticipantResponse(Enum):
    """What an invited person answered."""

    NONE = "Nothing."
    ACCEPTED = "They will come."
    TENTATIVE = "They may come."
    DECLINED = "They will not come."


class Interaction(Customizable, Owned, Record, Table, tablename="interaction"):
    """Something that happened, or is to happen, between the business and a customer."""

    kind = c.text(
        "What it is, one of the registered interaction kinds, as in CALL, EMAIL or NOTE.",
        max_length=40,
        registry="interaction_kinds",
        personal=False,
    )
    channel = c.text(
        "Through which channel, one of the registered interaction channels, as in PHONE or WECHAT.",
        null=True,
        max_length=40,
        registry="interaction_channels",
        personal=False,
    )
    direction = c.choice(Direction, "Who turned to whom.", default=Direction.INTERNAL)
    status = c.choice(InteractionStatus, "Whether it has happened.", default=InteractionStatus.PLANNED)
    subject = c.text("What it is about, in a line.", null=True, max_length=1000, personal="user.content")
    body = c.text("What was said or written.", null=True, max_length=100_000, form="text", personal="user.content")
    body_format = c.choice(BodyFormat, "How the body is written.", default=BodyFormat.PLAIN)
    occurred_at = c.instant("When it happened or began; needed unless it is PLANNED or CANCELLED.", null=True)
    ended_at = c.instant("When it ended.", null=True)
    duration_seconds = c.integer(
        "How many seconds it took; follows from occurredAt and endedAt if both are there.", null=True, minimum=0
    )
    due_at = c.instant("When it is to happen.", null=True)
    completed_at = c.instant("When it was done; null while it is not COMPLETED.", null=True, write=Write.NEVER)
    customer_id = c.link(
        "customer",
        "With whom; only what comes in from somebody unknown, or belongs to a deal without a customer, has none.",
        references=Customer,
        null=True,
        inverse="interactions",
        inverse_description="What happened with this customer, and what is to happen.",
    )
    deal_id = c.link(
        "deal",
        "For which deal.",
        references=Deal,
        null=True,
        inverse="interactions",
        inverse_description="What happened for this deal, and what is to happen.",
        on_delete="SET NULL",
    )
    assignee_id = c.link(
        "user", "Who is to do it.", references="crmcore.access.tables:User", null=True, on_delete="SET NULL"
    )
    outcome = c.text("What came of it: a short code of your own.", null=True, personal=False)
    next_step = c.text("What is to be done next.", null=True, max_length=1000, personal="user.content")
    sentiment = c.number(
        "How the customer felt, from -1 (bad) to 1 (good).", null=True, minimum=-1, maximum=1, personal="user.behavior"
    )
    satisfaction_score = c.integer(
        "How content the customer said they were; the scale is that of the survey.", null=True, minimum=0, maximum=100
    )
    thread_key = c.text(
        "What all messages of one conversation have in common.",
        null=True,
        max_length=1000,
        personal=c.PersonalData("user.unique_id", sensitivity=1),
    )
    external_id = c.text(
        "What the channel calls it; the same message delivered twice is kept once.",
        null=True,
        max_length=1000,
        personal=c.PersonalData("user.unique_id", sensitivity=1),
    )
    visibility = c.choice(Visibility, "Who may read it, among those whose roles let them.", default=Visibility.ALL)
    is_pinned = c.flag("Whether it stays on top of the timeline.")
    is_internal = c.flag("Whether it must never be shown to the customer.")

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("customer_id", "occurred_at desc", "id desc")),
        Index(("deal_id", "occurred_at desc"), where="deal_id is not null"),
        Index(("assignee_id", "status", "due_at")),
        Index(("owner_id",)),
        Index(("team_id",)),
        Index(("occurred_at",)),
        Index(("thread_key",), where="thread_key is not null"),
        Index(("channel", "external_id"), unique=True, live=True, where="external_id is not null"),
    )


class InteractionParticipant(Record, Table, tablename="interaction_participant"):
    """Somebody who takes part in an interaction: a customer, a colleague, or an address nobody knows."""

    interaction_id = c.link(
        "interaction",
        "In which interaction.",
        references=Interaction,
        inverse="participants",
        inverse_description="Who takes part.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    customer_id = c.link(
        "customer",
        "The customer who takes part.",
        references=Customer,
        null=True,
        inverse="participations",
        inverse_description="The interactions this customer takes part in.",
        on_delete="CASCADE",
    )
    user_id = c.link(
        "user", "The colleague who takes part.", references="crmcore.access.tables:User", null=True, on_delete="CASCADE"
    )
    raw_address = c.text("The address as the channel gave it.", null=True, max_length=1000, personal="user.contact")
    role = c.choice(ParticipantRole, "In which way.", default=ParticipantRole.ATTENDEE)
    response = c.choice(ParticipantResponse, "What they answered to the invitation.", default=ParticipantResponse.NONE)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("interaction_id",)),
        Index(("customer_id",)),
        Index(("user_id",)),
    )
