"""`complianceReveal`: a masked value in full, for a reason, noted, and not too often."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import partial
from typing import Annotated, Any
from uuid import UUID

import strawberry

from crmcore import Actor, Crm, Effect, Entity, Row, Work, errors, extend, fields, ids, instants
from crmcore.access.fields import effect
from crmcore_compliance.audit.access.permissions import REVEAL
from crmcore_compliance.checked import checked
from crmcore_compliance.settings import ComplianceSettings

__all__ = ["REVEALING"]

_SHORTEST, _LONGEST = 5, 2000
_SERVER = Actor.system("compliance")
_LATELY = "select count(*) from compliance_access where actor_id = $1 and at > $2 and outcome = $3"
_ONE_AT_A_TIME = "lock table compliance_access in share update exclusive mode"
_SUBJECT = """
    insert into compliance_access_subject (id, access_id, subject_id, record_id, at) values ($1, $2, $3, $4, $5)
"""


@strawberry.type(description="A value in full, that was masked for whoever asked.")
class ComplianceRevealed:
    """As the schema shows it."""

    value: str | None = strawberry.field(description="The value as a text; null if there is none.")
    access_id: strawberry.ID = strawberry.field(description="Under which id it is noted who has seen it, and why.")


@dataclass(frozen=True, slots=True)
class _Asked:
    entity: Entity
    record: UUID
    field: fields.Scalar
    reason: str
    purpose: str | None


async def _reveal(
    info: strawberry.Info[Any, None],
    id: Annotated[strawberry.ID, strawberry.argument(description="Of which record.")],
    field: Annotated[str, strawberry.argument(description="Which field, as in birthDate.")],
    reason: Annotated[str, strawberry.argument(description="Why you have to see it; others will read this.")],
    purpose: Annotated[str | None, strawberry.argument(description="The purpose it is for, by its code.")] = None,
) -> ComplianceRevealed:
    """Show it.

    Raises:

        Forbidden: without the permission, or the field is hidden from whoever asks.
        NotFound: there is no such record, or they may not see it.
        Invalid: no such field, or no reason.
        Declined: they have had too much revealed within the hour.

    Whoever is refused what there is to be asked for is noted, too.
    """
    crm: Crm = info.context.crm
    request_id = info.context.request_id

    asked = _asked(crm, id, field, reason, purpose)

    async def unit(work: Work) -> ComplianceRevealed:
        work.require(REVEAL)
        await _one_at_a_time(work)
        row = await work.get(asked.entity.name, asked.record)
        if effect(work.entities, work.actor.access, asked.entity, asked.field) == Effect.HIDDEN:
            msg = f"Your roles hide {field} from you; only what they mask can be revealed."
            raise errors.Forbidden(msg)
        await _not_too_often(work, asked, row)
        access = await _note(work, asked, row, "REVEALED")
        return ComplianceRevealed(
            value=_text(row[asked.field.column]), access_id=strawberry.ID(ids.encode("compliance_access", access))
        )

    try:
        return await crm.run(info.context.actor, unit, request_id=request_id)
    except (errors.Forbidden, errors.NotFound):
        row = await _any_row(crm, asked)
        await crm.run(
            info.context.actor, partial(_note, asked=asked, row=row, outcome="REFUSED"), request_id=request_id
        )
        raise


async def _any_row(crm: Crm, asked: _Asked) -> Row:
    """Return a record, whoever may see it; of one that does not exist its id."""

    async def unit(work: Work) -> Row:
        return await work.get(asked.entity.name, asked.record, deleted=True)

    try:
        return await crm.run(_SERVER, unit)
    except errors.NotFound:
        return {"id": asked.record}


def _asked(crm: Crm, id: str, name: str, reason: str, purpose: str | None) -> _Asked:
    entity, record = ids.split(id)
    if entity not in crm.entities:
        raise errors.Invalid.at("id", "NOT_AN_ID", f"{id} is the id of no record.")
    field = crm.entities.fields(entity).get(name)
    if not isinstance(field, fields.Scalar):
        raise errors.Invalid.at("field", "UNKNOWN_FIELD", f"{name} is no field of {entity} that holds a value.")
    checked(crm, "compliance_access", {"reason": reason, "purpose": purpose})
    reason = reason.strip()
    if not _SHORTEST <= len(reason) <= _LONGEST:
        raise errors.Invalid.at("reason", "NO_REASON", "Say in a sentence why you have to see it.")
    return _Asked(crm.entities[entity], record, field, reason, purpose)


async def _one_at_a_time(work: Work) -> None:
    """Wait until nobody else has anything revealed, or many requests at once would be counted as one.

    Before anything is read, since what is read is what there was when the first statement began. Who reads or is noted in the
    log otherwise does not wait; SQLite has one writer anyway.
    """
    if work.database.dialect == "postgresql":
        await work.database.execute(_ONE_AT_A_TIME)


async def _not_too_often(work: Work, asked: _Asked, row: Row) -> None:
    most = work.settings[ComplianceSettings].reveals_per_hour
    since = work.now - timedelta(hours=1)
    if await work.database.fetch_value(_LATELY, work.actor.id, since, "REVEALED") < most:
        return

    async def keep(again: Work) -> bool:
        await _note(again, asked, row, "REFUSED")
        return True

    msg = f"{most} values were revealed to you within the hour, which is the most; come back later."
    violation = errors.Violation("id", "TOO_MANY_REVEALS", msg)
    raise errors.Declined(msg, (violation,), keep=keep)


async def _note(work: Work, asked: _Asked, row: Row, outcome: str) -> UUID:
    noted = await work.insert(
        "compliance_access",
        {
            "at": work.now,
            "actor_kind": work.actor.type.value,
            "actor_id": work.actor.id,
            "entity": asked.entity.name,
            "field": asked.field.name,
            "records": 1,
            "outcome": outcome,
            "purpose": asked.purpose,
            "reason": asked.reason,
            "request_id": work.request_id,
        },
    )
    access: UUID = noted["id"]
    subject = await _subject(work, asked.entity, row)
    await work.database.execute(_SUBJECT, ids.new(), access, subject, asked.record, work.now)
    return access


async def _subject(work: Work, entity: Entity, row: Row) -> UUID | None:
    """Return whose data a record is."""
    if entity.seal is not None and row.keys() >= set(entity.seal.subject_columns):
        return (await entity.seal.subjects(work.database, [row]))[0]
    found: UUID | None = row["id"] if entity.name == "customer" else row.get("customer_id")
    return found


def _text(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, datetime):
        return instants.wire(value)
    if isinstance(value, date):
        return value.isoformat()
    return str(value) if isinstance(value, UUID) else json.dumps(value, ensure_ascii=False)


REVEALING = extend(
    "Mutation",
    strawberry.field(
        resolver=_reveal,
        name="complianceReveal",
        description="Show a masked value in full. It is noted who has seen it, and why. Needs the permission compliance.reveal.",
    ),
    since="0.1.0",
)
