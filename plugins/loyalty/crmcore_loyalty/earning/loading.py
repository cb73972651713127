"""The rules of a program, read for the engine."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from crmcore import Work
from crmcore_loyalty.earning.rule import Rule, read
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleStatus as Status
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleTrigger as Trigger

__all__ = ["published", "some"]


async def published(work: Work, program_id: UUID, triggers: Iterable[Trigger]) -> list[Rule]:
    """Return the rules by which members of a program earn."""
    names = {trigger.name for trigger in triggers}
    rows = await work.find("loyalty_rule", program_id=program_id, status=Status.PUBLISHED.name)
    return await _with_campaigns(work, program_id, [row for row in rows if row["trigger"] in names])


async def some(work: Work, program_id: UUID, rule_ids: Iterable[UUID]) -> list[Rule]:
    """Return rules by their ids, drafts too."""
    wanted = set(rule_ids)
    rows = await work.find("loyalty_rule", program_id=program_id)
    return await _with_campaigns(work, program_id, [row for row in rows if row["id"] in wanted])


async def _with_campaigns(work: Work, program_id: UUID, rows: list[dict[str, object]]) -> list[Rule]:
    if not any(row["campaign_id"] for row in rows):
        return [read(row) for row in rows]
    campaigns = {row["id"]: row for row in await work.find("loyalty_campaign", program_id=program_id)}
    # A campaign that was deleted does not run.
    gone = {"code": "", "valid_from": None, "valid_until": None, "budget": None, "active": False}
    return [read(row, campaigns.get(row["campaign_id"], gone) if row["campaign_id"] else None) for row in rows]
