"""What rules would give and have given, as clients ask for it: `loyaltySimulateAccrual`, `…Rules`, `loyaltyExplain`."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import datetime
from typing import Annotated, Any, TypeVar, cast
from uuid import UUID

import strawberry
from strawberry.scalars import JSON

from crmcore import BigInt, Money, Work, errors, extend
from crmcore_loyalty.earning import explaining, loading, supposing
from crmcore_loyalty.earning.publishing import RULES
from crmcore_loyalty.earning.shown import (
    LoyaltyAccrualSimulation,
    LoyaltyExplanation,
    LoyaltyRuleSimulation,
    LoyaltySimulatedAward,
    LoyaltySimulatedSkip,
)
from crmcore_loyalty.earning.simulating import try_now, try_on_history

__all__ = ["ASKED"]

T = TypeVar("T")

_argument = strawberry.argument


async def loyalty_simulate_accrual(
    info: strawberry.Info[Any, None],
    member_id: Annotated[strawberry.ID, _argument(description="Which member.")],
    input: Annotated[supposing.LoyaltySupposed, _argument(description="What is supposed to happen.")],
) -> LoyaltyAccrualSimulation:
    """Ask the engine."""

    async def unit(work: Work) -> LoyaltyAccrualSimulation:
        member = await work.get("loyalty_member", uuid("memberId", member_id))
        (program,) = await work.find("loyalty_program", id=member["program_id"])
        facts = await supposing.facts_of(work, program, member, input)
        outcome = await try_now(work, program, facts)
        awards = [
            LoyaltySimulatedAward(
                rule_code=award.rule.code,
                revision=award.rule.revision,
                name=award.rule.name,
                currency_id=strawberry.ID(f"loyalty_currency_{award.rule.currency_id}"),
                to_referrer=award.member_id != member["id"],
                points=BigInt(award.points),
                steps=list(award.steps),
            )
            for award in outcome.awards
        ]
        skipped = [
            LoyaltySimulatedSkip(rule_code=one.rule.code, name=one.rule.name, code=one.code, message=one.message)
            for one in outcome.skipped
        ]
        return LoyaltyAccrualSimulation(awards=awards, skipped=skipped)

    return await _run(info, unit)


async def loyalty_simulate_rules(
    info: strawberry.Info[Any, None],
    program_id: Annotated[strawberry.ID, _argument(description="Which program.")],
    rule_ids: Annotated[list[strawberry.ID], _argument(description="Which revisions, together.")],
    from_: Annotated[datetime, _argument(name="from", description="From when on.")],
    until: Annotated[datetime, _argument(description="Until when, that instant not included.")],
) -> list[LoyaltyRuleSimulation]:
    """Ask the engine of all that has happened."""

    async def unit(work: Work) -> list[LoyaltyRuleSimulation]:
        work.require(RULES)
        program = await work.get("loyalty_program", uuid("programId", program_id))
        rules = await loading.some(work, program["id"], [uuid("ruleIds", id) for id in rule_ids])
        tried = await try_on_history(work, program, rules, from_, until)
        currencies = {row["id"]: row for row in await work.find("loyalty_currency", program_id=program["id"])}
        return [
            LoyaltyRuleSimulation(
                rule_id=strawberry.ID(f"loyalty_rule_{rule.id}"),
                rule_code=rule.code,
                awards=tried[rule.id].awards,
                members=len(tried[rule.id].members),
                points=BigInt(tried[rule.id].points),
                cost=_cost(currencies[rule.currency_id], tried[rule.id].points),
                skipped=cast("JSON", dict(tried[rule.id].skipped)),
            )
            for rule in sorted(rules, key=lambda rule: rule.order)
        ]

    return await _run(info, unit)


async def loyalty_explain(
    info: strawberry.Info[Any, None],
    transaction_id: Annotated[strawberry.ID, _argument(description="Which transaction.")],
) -> LoyaltyExplanation:
    """Read what was kept with it."""

    async def unit(work: Work) -> LoyaltyExplanation:
        row = await work.get("loyalty_transaction", uuid("transactionId", transaction_id))
        trace = row["trace"] or {}
        steps = list(trace.get("steps", []))
        return LoyaltyExplanation(
            transaction_id=transaction_id,
            text=await explaining.in_words(work, row),
            rule_id=strawberry.ID(f"loyalty_rule_{trace['rule_id']}") if "rule_id" in trace else None,
            rule_code=trace.get("rule"),
            revision=trace.get("revision"),
            condition=trace.get("condition"),
            inputs=trace.get("inputs"),
            inputs_sha256=trace.get("inputs_sha256"),
            steps=steps,
        )

    return await _run(info, unit)


#: Given to the schema.
ASKED = (
    extend(
        "Query",
        strawberry.field(
            resolver=loyalty_simulate_accrual,
            description="What a member would earn now, or at another time, by the published rules; nothing is written.",
        ),
        since="0.1.0",
    ),
    extend(
        "Query",
        strawberry.field(
            resolver=loyalty_simulate_rules,
            description="What rules, drafts too, would have given for orders and activities of a time, by which limits are counted "
            "from its beginning; nothing is written. Needs the permission loyalty.rules.",
        ),
        since="0.1.0",
    ),
    extend(
        "Query",
        strawberry.field(
            resolver=loyalty_explain,
            description="Why a transaction is what it is: by which rule, what that saw, how it was computed.",
        ),
        since="0.1.0",
    ),
)


def uuid(path: str, shown: str) -> UUID:
    """Read an id as clients write it."""
    try:
        return UUID(shown.rpartition("_")[2])
    except ValueError:
        raise errors.Invalid.at(path, "INVALID", f"{shown} is no id.") from None


async def _run(info: strawberry.Info[Any, None], unit: Callable[[Work], Awaitable[T]]) -> T:
    done: T = await info.context.crm.run(info.context.actor, unit)
    return done


def _cost(currency: dict[str, Any], points: int) -> Money | None:
    if currency["point_cost"] is None:
        return None
    # What a thousand cost, rounded up: a cost is not made smaller than it is.
    return Money(-(-points * currency["point_cost"] // 1000), currency["money"])
