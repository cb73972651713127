"""What the demonstration data tells: which business it is, how it sells, and when."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

__all__ = ["SCENARIOS", "Contact", "Scenario", "StageSpec"]


@dataclass(frozen=True, slots=True)
class StageSpec:
    """A stage of the scenario's pipeline.

    Attributes:

        probability: chance to win in percent.
        days: median of days that deals stay (open stages).
        onward: share of deals that go on to the next stage; the others are lost from here.
    """

    key: str
    name: str
    kind: str
    probability: int
    days: float = 0.0
    onward: float = 0.0


@dataclass(frozen=True, slots=True)
class Contact:
    """A way of having to do with customers.

    Attributes:

        weight: how often, relative to the others.
        minutes: how long at most; 0 where that has no meaning.
        subjects: what it is about.
    """

    kind: str
    channel: str | None
    direction: str
    weight: int
    minutes: int
    subjects: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Scenario:
    """A kind of business.

    Attributes:

        alone: share of people who belong to no organisation, among first contacts.
        weekdays: how much happens, Monday first.
        months: how much happens, January first.
        hours: when people can be reached: from, to.
        growth: how many times as much happens after two years.
        interactions: mean number a customer.
        deals: mean number a buying customer.
        buyers: share of those who could buy that have deals.
        amount: median worth of a deal in EUR.
    """

    name: str
    description: str
    alone: float
    weekdays: tuple[float, ...]
    months: tuple[float, ...]
    hours: tuple[int, int]
    growth: float
    interactions: float
    deals: float
    buyers: float
    amount: float
    pipeline: tuple[str, str]
    stages: tuple[StageSpec, ...]
    lost_reasons: tuple[tuple[str, str, str], ...]
    contacts: tuple[Contact, ...]
    tags: tuple[str, ...]
    offers: tuple[str, ...]


_B2B = Scenario(
    name="b2b",
    description="A maker of laboratory software and devices sells to companies in eleven countries.",
    alone=0.04,
    weekdays=(1.1, 1.2, 1.2, 1.1, 0.8, 0.03, 0.01),
    months=(0.9, 1.0, 1.2, 1.0, 1.0, 1.1, 0.8, 0.6, 1.1, 1.2, 1.2, 0.7),
    hours=(8, 18),
    growth=1.8,
    interactions=5.0,
    deals=1.6,
    buyers=0.6,
    amount=9_000.0,
    pipeline=("new-business", "New business"),
    stages=(
        StageSpec("discovery", "Discovery", "OPEN", 10, 12, 0.72),
        StageSpec("evaluation", "Evaluation", "OPEN", 30, 25, 0.68),
        StageSpec("proposal", "Proposal", "OPEN", 55, 14, 0.70),
        StageSpec("negotiation", "Negotiation", "OPEN", 80, 10, 0.78),
        StageSpec("won", "Won", "WON", 100),
        StageSpec("lost", "Lost", "LOST", 0),
    ),
    lost_reasons=(
        ("price", "Too expensive", "PRICE"),
        ("competitor", "Bought elsewhere", "COMPETITOR"),
        ("no-budget", "Budget was cut", "NO_BUDGET"),
        ("timing", "Postponed", "TIMING"),
        ("silence", "No answer any more", "NO_RESPONSE"),
    ),
    contacts=(
        Contact(
            "CALL",
            "PHONE",
            "OUTBOUND",
            24,
            35,
            ("Follow-up on the offer", "First call", "Check-in", "Questions about the contract"),
        ),
        Contact("CALL", "PHONE", "INBOUND", 9, 20, ("Asks for a quote", "Asks about delivery", "Technical question")),
        Contact(
            "EMAIL",
            "EMAIL",
            "OUTBOUND",
            26,
            0,
            ("Offer sent", "Minutes of our meeting", "New release", "Invitation to the user day"),
        ),
        Contact("EMAIL", "EMAIL", "INBOUND", 18, 0, ("Re: offer", "Order confirmation", "Request for a demo")),
        Contact(
            "MEETING",
            None,
            "OUTBOUND",
            12,
            90,
            ("Product demonstration", "Workshop on requirements", "Quarterly review"),
        ),
        Contact(
            "NOTE",
            None,
            "INTERNAL",
            11,
            0,
            ("Decision maker changed", "Budget round in autumn", "Uses a competitor's product"),
        ),
    ),
    tags=("key account", "newsletter", "reference", "pilot", "2024 fair", "reseller"),
    offers=(
        "Laboratory information system",
        "Sample tracking",
        "Analyser lease",
        "Service contract",
        "Data archive",
        "Training package",
    ),
)

_RETAIL = Scenario(
    name="retail",
    description="A furniture house with shops and a web shop sells to people, and kitchens made to measure.",
    alone=0.97,
    weekdays=(0.7, 0.8, 0.9, 1.0, 1.3, 1.9, 0.8),
    months=(1.2, 0.8, 0.9, 0.9, 0.9, 0.8, 0.8, 0.9, 1.0, 1.0, 1.5, 1.7),
    hours=(9, 21),
    growth=1.4,
    interactions=4.0,
    deals=1.2,
    buyers=0.2,
    amount=3_200.0,
    pipeline=("made-to-measure", "Made to measure"),
    stages=(
        StageSpec("enquiry", "Enquiry", "OPEN", 15, 5, 0.75),
        StageSpec("planning", "Planning", "OPEN", 40, 12, 0.72),
        StageSpec("quote", "Quote", "OPEN", 65, 8, 0.74),
        StageSpec("ordered", "Ordered", "WON", 100),
        StageSpec("declined", "Declined", "LOST", 0),
    ),
    lost_reasons=(
        ("too-expensive", "Too expensive", "PRICE"),
        ("other-shop", "Bought in another shop", "COMPETITOR"),
        ("does-not-fit", "Does not fit the room", "FIT"),
        ("no-reply", "No reply", "NO_RESPONSE"),
    ),
    contacts=(
        Contact(
            "VISIT",
            "STORE",
            "INBOUND",
            30,
            60,
            ("Looked at sofas", "Advice on kitchens", "Picked up an order", "Returned a lamp"),
        ),
        Contact(
            "MESSAGE", "WHATSAPP", "INBOUND", 20, 0, ("Is it in stock?", "Where is my order?", "Photo of the room")
        ),
        Contact("MESSAGE", "WHATSAPP", "OUTBOUND", 14, 0, ("Your order is ready", "Appointment for measuring")),
        Contact("EMAIL", "EMAIL", "OUTBOUND", 14, 0, ("Order confirmation", "How do you like it?", "Private sale")),
        Contact("FORM", "WEB", "INBOUND", 12, 0, ("Contact form", "Catalogue request", "Appointment request")),
        Contact(
            "CALL",
            "PHONE",
            "INBOUND",
            10,
            12,
            ("Complaint about delivery", "Asks for opening hours", "Changes an order"),
        ),
    ),
    tags=("club member", "newsletter", "designer", "moved house", "gift card"),
    offers=("Kitchen", "Wardrobe wall", "Home office", "Dining table", "Library shelves", "Garden set"),
)

#: Scenarios by name.
SCENARIOS: Mapping[str, Scenario] = {scenario.name: scenario for scenario in (_B2B, _RETAIL)}
