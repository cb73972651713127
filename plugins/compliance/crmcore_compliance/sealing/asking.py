"""`complianceSealingJobs`: how far each sealed field is."""

from __future__ import annotations

from datetime import datetime
from enum import Enum
from typing import Any

import strawberry

from crmcore import BigInt, Crm, Work, extend
from crmcore_compliance.sealing.permissions import SEALING
from crmcore_compliance.sealing.standing import Standing, standings
from crmcore_compliance.tables.sealing import ComplianceColumnState, ComplianceWork

__all__ = ["ASKED", "ComplianceSealingJob", "shown"]


def _described(choices: type[Enum], description: str) -> type[Enum]:
    """Make a GraphQL enum; the members' values say what they mean."""
    made = strawberry.enum(choices, description=description)
    for member in vars(made)["__strawberry_definition__"].values:
        member.description = made[member.name].value
    return made


_State = _described(ComplianceColumnState, "How far a field is sealed.")
_Work = _described(ComplianceWork, "What is being done to all values of a field.")


@strawberry.type(description="A sealed field, and what is being done to its values.")
class ComplianceSealingJob:
    field: str = strawberry.field(description="The field, as in customer.familyName.")
    state: _State = strawberry.field(description="How far it is sealed.")  # type: ignore[valid-type]
    work: _Work | None = strawberry.field(description="What is being done to it; null while nothing is.")  # type: ignore[valid-type]
    paused: bool = strawberry.field(description="Whether that waits until somebody has it go on.")
    in_past: bool = strawberry.field(description="Whether its records are done, and the events of the past at work.")
    done: BigInt = strawberry.field(description="How many records are done.")
    total: BigInt = strawberry.field(description="How many there were when it began.")
    problem: str | None = strawberry.field(description="Why it stopped.")
    began_at: datetime | None = strawberry.field(description="When it began.")
    ended_at: datetime | None = strawberry.field(description="When it ended.")


def shown(standing: Standing) -> ComplianceSealingJob:
    """Return how a field stands as the API says it."""
    return ComplianceSealingJob(
        field=standing.shown,
        state=standing.state,
        work=standing.work,
        paused=standing.paused,
        in_past=standing.in_feed,
        done=BigInt(standing.done),
        total=BigInt(standing.total),
        problem=standing.problem,
        began_at=standing.began_at,
        ended_at=standing.ended_at,
    )


async def compliance_sealing_jobs(info: strawberry.Info[Any, None]) -> list[ComplianceSealingJob]:
    """Ask the database."""
    crm: Crm = info.context.crm

    async def unit(work: Work) -> list[ComplianceSealingJob]:
        work.require(SEALING)
        return [shown(standing) for standing in await standings(work.database)]

    return await crm.run(info.context.actor, unit)


#: Given to the schema.
ASKED = (
    extend(
        "Query",
        strawberry.field(
            resolver=compliance_sealing_jobs,
            description="How far each sealed field is. Needs the permission compliance.sealing.",
        ),
        since="0.1.0",
    ),
)
