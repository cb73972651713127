"""Whose data was looked at, in the API."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

import strawberry

from crmcore import Crm, Work, clock, errors, extend, ids
from crmcore_compliance.audit.access.permissions import ACCESS
from crmcore_compliance.audit.access.touched import count_touched, looks_at, touched

__all__ = ["ASKING"]

_MOST = 1000


@strawberry.type(description="Somebody looked at sensitive data of a person.")
class ComplianceLook:
    """As the schema shows it."""

    access_id: strawberry.ID = strawberry.field(
        description="The access; an entry of the audit log has the same digits."
    )
    at: datetime = strawberry.field(description="When.")
    actor_kind: str = strawberry.field(description="What kind of actor.")
    actor_id: str | None = strawberry.field(description="Who.")
    record_id: strawberry.ID = strawberry.field(description="At which record.")
    field: str = strawberry.field(description="At which field.")
    outcome: str = strawberry.field(description="READ, REVEALED or REFUSED.")
    purpose: str | None = strawberry.field(description="What they said they read for.")


@strawberry.type(description="A person whose sensitive data was looked at in the time of a breach.")
class ComplianceTouchedSubject:
    """As the schema shows it."""

    customer_id: strawberry.ID = strawberry.field(description="Who.")
    looks: int = strawberry.field(description="At how many records and fields.")
    fields: list[str] = strawberry.field(description="Which fields, as in customer.birthDate.")
    first_at: datetime = strawberry.field(description="When first.")
    last_at: datetime = strawberry.field(description="When last.")


@strawberry.type(
    description="Whom a breach touches, as far as the access log knows: it has sensitive fields that are sealed."
)
class ComplianceTouched:
    """As the schema shows it."""

    count: int = strawberry.field(description="How many people in all.")
    subjects: list[ComplianceTouchedSubject] = strawberry.field(description="A page of them, by id.")


async def _looks(
    info: strawberry.Info[Any, None],
    customer_id: Annotated[strawberry.ID, strawberry.argument(description="At whose data.")],
    before: Annotated[datetime | None, strawberry.argument(description="Looks before this only.")] = None,
    first: Annotated[int, strawberry.argument(description="How many, at most 1000.")] = 100,
) -> list[ComplianceLook]:
    crm = _allowed(info, first)
    found = await looks_at(crm.database, ids.parse(customer_id, "customer"), before or _later(), first)
    return [
        ComplianceLook(
            access_id=_id("compliance_access", look.access_id),
            at=look.at,
            actor_kind=look.actor_kind,
            actor_id=look.actor_id,
            record_id=_id(look.entity, look.record_id),
            field=look.field,
            outcome=look.outcome,
            purpose=look.purpose,
        )
        for look in found
    ]


async def _touched(
    info: strawberry.Info[Any, None],
    id: Annotated[strawberry.ID, strawberry.argument(description="Which breach; it has to say when it began.")],
    after: Annotated[
        strawberry.ID | None, strawberry.argument(description="The last person of the page before.")
    ] = None,
    first: Annotated[int, strawberry.argument(description="How many, at most 1000.")] = 100,
) -> ComplianceTouched:
    crm = _allowed(info, first)
    last = None if after is None else ids.parse(after, "customer")

    async def unit(work: Work) -> ComplianceTouched:
        breach = await work.get("compliance_breach", ids.parse(id, "compliance_breach"))
        found = await touched(work.database, breach, work.now, after=last, limit=first)
        subjects = [
            ComplianceTouchedSubject(
                customer_id=_id("customer", one.subject_id),
                looks=one.looks,
                fields=list(one.fields),
                first_at=one.first_at,
                last_at=one.last_at,
            )
            for one in found
        ]
        return ComplianceTouched(count=await count_touched(work.database, breach, work.now), subjects=subjects)

    return await crm.run(info.context.actor, unit)


def _allowed(info: strawberry.Info[Any, None], first: int) -> Crm:
    if not info.context.actor.access.may(ACCESS):
        msg = f"The access log needs the permission {ACCESS}; ask an administrator for it."
        raise errors.Forbidden(msg)
    if not 0 < first <= _MOST:
        raise errors.Invalid.at("first", "OUT_OF_RANGE", f"first is 1 to {_MOST}.")
    crm: Crm = info.context.crm
    return crm


def _id(entity: str, id: UUID) -> strawberry.ID:
    return strawberry.ID(ids.encode(entity, id))


def _later() -> datetime:
    return clock.now().replace(year=9999)


ASKING = (
    extend(
        "Query",
        strawberry.field(
            resolver=_looks,
            name="complianceLooks",
            description="Who has looked at sensitive data of a person, the last first. Needs the permission compliance.access.",
        ),
        since="0.1.0",
    ),
    extend(
        "Query",
        strawberry.field(
            resolver=_touched,
            name="complianceBreachSubjects",
            description="Whom a breach touches, computed from the access log. Needs the permission compliance.access.",
        ),
        since="0.1.0",
    ),
)
