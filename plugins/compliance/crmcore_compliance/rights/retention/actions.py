"""Rules of retention in the API: tried, or carried out by a job."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmcore import Ref, Row, Run, Schedule, Work, action, errors, job
from crmcore_compliance.rights.permissions import RETENTION
from crmcore_compliance.rights.processing import ACTOR
from crmcore_compliance.rights.retention.running import run_all, run_rule

__all__ = ["JOBS", "compliance_run_retention"]


@job(at_once=1, timeout=3600.0)
async def retain(run: Run) -> None:
    """Carry out all rules of retention that are enabled."""
    await run_all(run.crm)


@job(at_once=1, per="rule_id", timeout=3600.0)
async def retain_by(run: Run, rule_id: UUID, dry_run: bool) -> None:
    """Carry out one rule, or try it."""
    rules = await run.crm.run(ACTOR, lambda work: work.find("compliance_retention_rule", id=rule_id))
    for rule in rules:
        await run_rule(run.crm, rule, dry_run=dry_run)


@action(returns="compliance_retention_rule", permission=RETENTION, since="0.1.0")
async def compliance_run_retention(
    work: Work,
    rule_id: Annotated[UUID, Ref("compliance_retention_rule"), "Which rule."],
    dry_run: Annotated[bool, "Whether only to count what would be met."] = True,
) -> Row:
    """Try a rule of retention, or carry it out; a job does it, and `runs` of the rule says what came of it."""
    rule = await work.get("compliance_retention_rule", rule_id)
    if not dry_run and not rule["enabled"]:
        raise errors.Invalid.at("dryRun", "NOT_ALLOWED", "The rule is not enabled; enable it, or try it.")
    await work.put(retain_by(rule_id=rule_id, dry_run=dry_run))
    return rule


JOBS = (retain, retain_by, Schedule(retain(), cron="17 3 * * *"))
