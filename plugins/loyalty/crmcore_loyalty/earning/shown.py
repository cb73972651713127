"""Simulations and explanations, as the schema shows them."""

from __future__ import annotations

import strawberry
from strawberry.scalars import JSON

from crmcore import BigInt, Money

__all__ = [
    "LoyaltyAccrualSimulation",
    "LoyaltyExplanation",
    "LoyaltyRuleSimulation",
    "LoyaltySimulatedAward",
    "LoyaltySimulatedSkip",
]


@strawberry.type(description="Points that a rule would give.")
class LoyaltySimulatedAward:
    """See its fields."""

    rule_code: str = strawberry.field(description="The rule's code.")
    revision: int = strawberry.field(description="Its revision.")
    name: str = strawberry.field(description="What it is called.")
    currency_id: strawberry.ID = strawberry.field(description="Which points.")
    to_referrer: bool = strawberry.field(description="Whether the one gets them who brought the member.")
    points: BigInt = strawberry.field(description="How many.")
    steps: list[str] = strawberry.field(description="How they are computed.")


@strawberry.type(description="A rule that would give nothing.")
class LoyaltySimulatedSkip:
    """See its fields."""

    rule_code: str = strawberry.field(description="The rule's code.")
    name: str = strawberry.field(description="What it is called.")
    code: str = strawberry.field(description="Why, for programs: CONDITION, HOURS, LIMIT, …")
    message: str = strawberry.field(description="Why, for people.")


@strawberry.type(description="What the published rules would give for something.")
class LoyaltyAccrualSimulation:
    """See its fields."""

    awards: list[LoyaltySimulatedAward] = strawberry.field(description="What they would give.")
    skipped: list[LoyaltySimulatedSkip] = strawberry.field(description="Which ones would give nothing, and why.")


@strawberry.type(description="What a rule would have given for what has happened.")
class LoyaltyRuleSimulation:
    """See its fields."""

    rule_id: strawberry.ID = strawberry.field(description="Which revision.")
    rule_code: str = strawberry.field(description="The rule's code.")
    awards: int = strawberry.field(description="How often it would have given.")
    members: int = strawberry.field(description="To how many members.")
    points: BigInt = strawberry.field(description="How many points.")
    cost: Money | None = strawberry.field(description="What they would cost us; null where the points have no cost.")
    skipped: JSON = strawberry.field(description='How often it would have given nothing, by why: {"HOURS": 12}.')


@strawberry.type(description="Why a transaction is what it is.")
class LoyaltyExplanation:
    """See its fields."""

    transaction_id: strawberry.ID = strawberry.field(description="Which transaction.")
    text: str = strawberry.field(description="In words.")
    rule_id: strawberry.ID | None = strawberry.field(
        description="By which revision of a rule; null for what no rule gave."
    )
    rule_code: str | None = strawberry.field(description="The rule's code.")
    revision: int | None = strawberry.field(description="Its revision.")
    condition: str | None = strawberry.field(description="What had to hold, in CEL.")
    inputs: JSON | None = strawberry.field(description="What the rule saw.")
    inputs_sha256: str | None = strawberry.field(description="SHA-256 of the inputs, as they were then.")
    steps: list[str] = strawberry.field(description="How the points were computed.")
