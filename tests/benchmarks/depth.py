"""The first page of a long list and one of its last, as statements."""

from __future__ import annotations

from typing import Any

from crmcore import Crm, Settings
from crmcore.access import tokens
from tests.benchmarks.alone import Statement

__all__ = ["ends"]

_ORDER = "orderBy: [{field: OCCURRED_AT, direction: DESC}]"
_PAGE = f"""query Page($after: String) {{
  interactions({_ORDER}, first: 50, after: $after) {{ nodes {{ id kind subject occurredAt }} }}
}}"""
_LAST = f"{{ interactions({_ORDER}, last: 100) {{ pageInfo {{ startCursor }} }} }}"


async def ends(url: str, token: str) -> tuple[Statement, Statement]:
    """Return the statements of the first page, and of the page that a hundred rows before the end begins."""
    async with Crm(Settings(database=url)) as crm:
        actor = await tokens.resolve(crm.database, crm.actors, token)
        answer = await crm.execute(_LAST, actor=actor)
        cursor = answer["data"]["interactions"]["pageInfo"]["startCursor"]
        page = crm.documents.get(_PAGE)

        def statement(variables: dict[str, Any]) -> Statement:
            plan = crm.planner.explain(page, variables, actor)
            return plan.sql, [plan.parameters]

        return statement({}), statement({"after": cursor})
