"""A page at the beginning of a long list and one of its last, as one statement with two cursors."""

from __future__ import annotations

from typing import Any

from crmcore import Crm, Settings
from crmcore.access import tokens
from tests.benchmarks.alone import Statement
from tests.benchmarks.world import ENDED

__all__ = ["ends"]

_ORDER = "orderBy: [{field: OCCURRED_AT, direction: DESC}]"
_PAGE = f"""query Page($after: String) {{
  interactions({_ORDER}, first: 50, after: $after) {{ nodes {{ id kind subject occurredAt }} }}
}}"""
#: What the benchmark creates happens after all that was made for it, and lies together as nothing else does.
_NEWEST = f"""{{
  interactions({_ORDER}, first: 1, filter: {{occurredAt: {{lt: "{ENDED:%Y-%m-%dT%H:%M:%SZ}"}}}}) {{ pageInfo {{ endCursor }} }}
}}"""
_LAST = f"{{ interactions({_ORDER}, last: 100) {{ pageInfo {{ startCursor }} }} }}"


async def ends(url: str, token: str) -> tuple[Statement, Statement]:
    """Return the statements of the page that begins at the newest row that was made, and of one a hundred rows before the end.

    Both are of rows that were made, and the same but for the cursor, so that they differ in depth alone.
    """
    async with Crm(Settings(database=url)) as crm:
        actor = await tokens.resolve(crm.database, crm.actors, token)
        page = crm.documents.get(_PAGE)

        async def cursor(text: str, name: str) -> str:
            answer = await crm.execute(text, actor=actor)
            return str(answer["data"]["interactions"]["pageInfo"][name])

        def statement(variables: dict[str, Any]) -> Statement:
            plan = crm.planner.explain(page, variables, actor)
            return plan.sql, [plan.parameters]

        first, last = await cursor(_NEWEST, "endCursor"), await cursor(_LAST, "startCursor")
        return statement({"after": first}), statement({"after": last})
