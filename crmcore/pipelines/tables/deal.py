"""Deals, and who has a say in them."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore.customers.tables import AcquisitionSource, Customer
from crmcore.database.schema import Index, Totals
from crmcore.entities import columns as c
from crmcore.entities.columns import Write
from crmcore.entities.record import Customizable, Owned, Record
from crmcore.pipelines.tables.pipeline import LostReason, Pipeline, Stage

__all__ = ["Deal", "DealContact", "DealContactRole", "DealStatus", "ProbabilitySource", "RecurringInterval"]


class DealStatus(Enum):
    """How a deal stands; follows from its stage."""

    OPEN = "It may still be won or lost."
    ON_HOLD = "It rests, and may still be won or lost."
    WON = "It is won."
    LOST = "It is lost."


class ProbabilitySource(Enum):
    """Where a deal's probability comes from."""

    STAGE = "From its stage."
    MANUAL = "From a person."
    MODEL = "From a statistical model."


class RecurringInterval(Enum):
    """How often a recurring amount is paid."""

    WEEKLY = "Every week."
    MONTHLY = "Every month."
    QUARTERLY = "Every three months."
    YEARLY = "Every year."


class DealContactRole(Enum):
    """What part somebody plays in a deal."""

    DECISION_MAKER = "Decides."
    EVALUATOR = "Examines what is offered."
    INFLUENCER = "Is listened to by those who decide."
    USER = "Will use what is bought."
    BLOCKER = "Would rather not have it."


class Deal(Customizable, Owned, Record, Table, tablename="deal"):
    """A possible sale on its way through a pipeline."""

    name = c.text("What the deal is about.", personal=c.PersonalData("user.content", sensitivity=1))
    customer_id = c.link(
        "customer",
        "Who may buy; may be unknown until the deal is won.",
        references=Customer,
        null=True,
        inverse="deals",
        inverse_description="What this customer may buy or has bought.",
    )
    pipeline_id = c.link(
        "pipeline",
        "The way it goes; left out, the stage's pipeline or the default one.",
        references=Pipeline,
        inverse="deals",
        inverse_description="The deals that go this way.",
        default=None,
    )
    stage_id = c.link(
        "stage",
        "Where it stands; left out, the pipeline's first open stage. Changing it follows the rules of moveDeal.",
        references=Stage,
        inverse="deals",
        inverse_description="The deals that stand here.",
        default=None,
    )
    status = c.choice(DealStatus, "How it stands; follows from the stage.", write=Write.NEVER)
    stage_entered_at = c.instant("Since when it is in this stage.", write=Write.NEVER)
    stage_note = c.text(
        "What was said when it came into this stage. Cleared when it moves on without a note.",
        null=True,
        max_length=20_000,
        form="text",
        personal="user.content",
    )
    rank = c.text(
        "Its place in its stage: deals are ordered by this text. Set by rankDeal.", write=Write.NEVER, personal=False
    )

    amount = c.minor_units("What it is worth.", currency="amount_currency", minimum=0)
    amount_currency = c.currency("Currency of the amount.")
    fx_rate = c.number(
        "Units of the pipeline's currency that one unit of the deal's currency is worth; kept from closing.",
        null=True,
        minimum=0,
    )
    base_amount = c.minor_units(
        "What it is worth in the pipeline's currency; null if no rate is known.",
        currency="base_amount_currency",
        write=Write.NEVER,
    )
    base_amount_currency = c.currency("The pipeline's currency.", write=Write.NEVER)
    recurring_amount = c.minor_units("What is paid again and again.", currency="recurring_amount_currency", minimum=0)
    recurring_amount_currency = c.currency("Currency of the recurring amount.")
    recurring_interval = c.choice(RecurringInterval, "How often that is paid.", null=True)
    probability = c.integer("Chance to win in percent; left out, the stage's.", default=None, minimum=0, maximum=100)
    probability_source = c.choice(
        ProbabilitySource, "Where the probability comes from.", default=ProbabilitySource.STAGE
    )

    expected_close_date = c.day("When it should be won.", null=True, personal=False)
    closed_at = c.instant("When it was won or lost; null while it is neither.", null=True, write=Write.NEVER)
    lost_reason_id = c.link(
        "lost_reason",
        "Why it was lost; needed for entering a LOST stage, null otherwise.",
        references=LostReason,
        null=True,
        inverse="deals",
        inverse_description="The deals lost for this reason.",
    )
    lost_note = c.text(
        "What there is to say about that.", null=True, max_length=20_000, form="text", personal="user.content"
    )
    next_step = c.text("What is to be done next.", null=True, max_length=1000, personal="user.content")
    source = c.choice(AcquisitionSource, "Where the deal was first heard of.", null=True)
    source_detail = c.text("More about that.", null=True, personal="user.content")
    description = c.text(
        "Whatever else is worth knowing.", null=True, max_length=20_000, form="text", personal="user.content"
    )

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("owner_id",)),
        Index(("team_id",)),
        Index(("customer_id", "created_at desc")),
        Index(("pipeline_id", "status")),
        Index(("stage_id", "rank")),
        Index(("lost_reason_id",)),
        Index(("expected_close_date",)),
        Index(("closed_at",)),
    )
    # A board asks for them with every look at it. Owner and team are there for those who see only their own.
    __totals__: ClassVar[tuple[Totals, ...]] = (
        Totals(
            "deal_total",
            by=("stage_id", "owner_id", "team_id", "pipeline_id", "status", "amount_currency", "base_amount_currency"),
            sums=("amount", "base_amount"),
        ),
    )


class DealContact(Record, Table, tablename="deal_contact"):
    """Somebody who has a say in a deal."""

    deal_id = c.link(
        "deal",
        "Which deal.",
        references=Deal,
        inverse="contacts",
        inverse_description="Who has a say in this deal.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    customer_id = c.link(
        "customer",
        "Who has a say.",
        references=Customer,
        inverse="dealContacts",
        inverse_description="The deals in which this customer has a say.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    role = c.choice(DealContactRole, "What part they play.", null=True)
    is_primary = c.flag("Whether they are the one to talk to; choosing one unchooses the other.")

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("deal_id", "customer_id"), unique=True, live=True),
        Index(("deal_id",), unique=True, live=True, where="is_primary", name="deal_contact_primary_key"),
        Index(("deal_id",)),
        Index(("customer_id",)),
    )
