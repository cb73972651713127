"""Carrying out a rule of retention, a few records a transaction; what was interrupted meets the rest the next time."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from uuid import UUID

from crmcore import Crm, Row, Work, clock, errors, ids, instants, subjects
from crmcore_compliance.audit.retelling import forgotten
from crmcore_compliance.keys.documents import canonical, signed
from crmcore_compliance.rights.erasing.erasing import erase
from crmcore_compliance.rights.erasing.steps import destroy_keys
from crmcore_compliance.rights.processing import ACTOR
from crmcore_compliance.rights.records import add
from crmcore_compliance.rights.retention.meeting import Met, met
from crmcore_compliance.rights.retention.preparing import columns_of
from crmcore_compliance.rights.tokens import forget_tokens
from crmcore_compliance.tables.retention import ComplianceRetentionAction as Action

__all__ = ["run_all", "run_rule"]

_AT_ONCE = 200


async def run_all(crm: Crm, *, dry_run: bool = False) -> list[Row]:
    """Carry out all rules that are enabled, or try them."""
    rules = await crm.run(ACTOR, lambda work: work.find("compliance_retention_rule"))
    wanted = sorted((rule for rule in rules if rule["enabled"] or dry_run), key=lambda rule: rule["name"])
    return [await run_rule(crm, rule, dry_run=dry_run) for rule in wanted]


async def run_rule(crm: Crm, rule: Row, *, dry_run: bool = False) -> Row:
    """Carry out a rule, or try it; return the record of that."""
    found = await met(crm, rule, clock.now())
    done: list[UUID] = []
    if not dry_run and rule["action"] != Action.REVIEW.name:
        for start in range(0, len(found.ids), _AT_ONCE):
            done += await _few(crm, rule, found.ids[start : start + _AT_ONCE])
    proof = await _proof(crm, rule, found, done)
    values = {
        "rule_id": rule["id"],
        "dry_run": dry_run,
        "before": found.before,
        "met": len(found.ids) + found.held,
        "held": found.held,
        "done": len(done),
        "proof": proof,
    }
    return await crm.run(ACTOR, lambda work: add(work, "compliance_retention_run", values))


async def _few(crm: Crm, rule: Row, few: Sequence[UUID]) -> list[UUID]:
    entity = crm.entities[rule["entity"]]
    if entity.name == "customer" and rule["action"] == Action.DELETE.name:
        return [id for id in few if await _person(crm, id)]
    if rule["action"] == Action.ANONYMISE.name:
        columns = columns_of(entity, rule["category"])
        await crm.run(ACTOR, lambda work: _blank(work, entity.name, few, columns))
        return list(few)
    return await crm.run(ACTOR, lambda work: _remove(work, entity.name, few))


async def _blank(work: Work, entity: str, few: Sequence[UUID], columns: Sequence[str]) -> None:
    await subjects.blank(work, entity, few, columns=columns)
    await forgotten(work.database, entity, records=few, reason="retention")


async def _remove(work: Work, entity: str, few: Sequence[UUID]) -> list[UUID]:
    try:
        await subjects.remove(work, entity, few)
        done = list(few)
    except errors.InUse:
        # One by one: those that others need stay.
        done = [id for id in few if await _one(work, entity, id)]
    await forget_tokens(work.database, (), done)
    await forgotten(work.database, entity, records=done, reason="retention")
    return done


async def _one(work: Work, entity: str, id: UUID) -> bool:
    try:
        return await subjects.remove(work, entity, [id]) == 1
    except errors.InUse:
        return False


async def _person(crm: Crm, customer_id: UUID) -> bool:
    """A customer who is too old is erased as one who demands it is."""

    async def unit(work: Work) -> list[UUID]:
        subject = await subjects.subject_of(work.database, customer_id)
        await erase(crm, work, subject)
        return list(subject.ids)

    await destroy_keys(crm, await crm.run(ACTOR, unit), None)
    return True


async def _proof(crm: Crm, rule: Row, found: Met, done: Sequence[UUID]) -> dict[str, object]:
    shown = sorted(ids.encode(rule["entity"], id) for id in (done or found.ids))
    body = {
        "type": "crmcore-compliance/retention/1",
        "rule": ids.encode("compliance_retention_rule", rule["id"]),
        "entity": rule["entity"],
        "action": rule["action"],
        "before": instants.wire(found.before),
        "at": instants.wire(clock.now()),
        "met": len(found.ids),
        "done": len(done),
        "idsSha256": hashlib.sha256(canonical(shown)).hexdigest(),
    }
    return await signed(crm.database, body)
