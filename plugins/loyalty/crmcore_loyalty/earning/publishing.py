"""Drafts become what members earn by, and end."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from crmcore import Ref, Row, Updated, Work, action, errors
from crmcore_loyalty.earning import conditions
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleStatus as Status
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleTrigger as Trigger

__all__ = ["RULES", "loyalty_publish_rule", "loyalty_retire_rule"]

RULES = "loyalty.rules"


@action(returns="loyalty_rule", permission=RULES, since="0.1.0")
async def loyalty_publish_rule(work: Work, id: Annotated[UUID, Ref("loyalty_rule"), "Which draft."]) -> Row:
    """Let members earn by a draft from now on; what was published under its code before ends at the same instant."""
    draft = await work.get("loyalty_rule", id, action="update")
    if draft["status"] == Status.PUBLISHED.name:
        return draft
    if draft["status"] == Status.RETIRED.name:
        raise errors.Invalid.at("id", "RETIRED", "This revision has ended; make a draft of the same code.")
    wrong = draft["condition"] and conditions.wrong_with(Trigger[draft["trigger"]], draft["condition"])
    if wrong:
        raise errors.Invalid.at("id", "CONDITION", f"condition: {wrong}")
    others = await work.find("loyalty_rule", program_id=draft["program_id"], code=draft["code"])
    for other in others:
        if other["status"] == Status.PUBLISHED.name:
            await _write(work, other, {"status": Status.RETIRED.name, "retired_at": work.now})
    revision = 1 + max(other["revision"] for other in others)
    values = {"status": Status.PUBLISHED.name, "published_at": work.now, "revision": revision}
    return await _write(work, draft, values)


@action(returns="loyalty_rule", permission=RULES, since="0.1.0")
async def loyalty_retire_rule(work: Work, id: Annotated[UUID, Ref("loyalty_rule"), "Which revision."]) -> Row:
    """End a rule: nothing that happens from now on earns by it."""
    rule = await work.get("loyalty_rule", id, action="update")
    if rule["status"] == Status.RETIRED.name:
        return rule
    if rule["status"] == Status.DRAFT.name:
        raise errors.Invalid.at("id", "DRAFT", "Nobody earns by a draft; delete it if it is not wanted.")
    return await _write(work, rule, {"status": Status.RETIRED.name, "retired_at": work.now})


async def _write(work: Work, rule: Row, values: dict[str, Any]) -> Row:
    kind = work.entities["loyalty_rule"]
    written = values | work.stamps(kind, created=False) | {"version": rule["version"] + 1}
    await work.change("loyalty_rule", rule["id"], written)
    after = {**rule, **written}
    told = {"before": rule, "after": after, "changed": frozenset(values)}
    await work.emit(work.event(Updated, kind, rule["id"], **told))
    return after
