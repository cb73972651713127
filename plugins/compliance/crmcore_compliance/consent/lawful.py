"""For whom a purpose is lawful at this instant: the one condition behind purpose-bound reads and behind every question.

By consent it is lawful for those who gave it and whose consent counts still. Otherwise it is lawful for all who did not
object, refuse or withdraw; where neither contract nor duty leaves a choice (GDPR 6(1)(b) to (d)), for all.
"""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import Final
from uuid import UUID

from crmcore import Database, clock
from crmcore_compliance.consent.codes import is_code

__all__ = ["lawful", "lawful_sql"]

_LAWFUL: Final = """
    exists (
        select 1 from compliance_purpose {p} where {p}.code = '{code}' and {p}.deleted_at is null and {p}.status = 'ACTIVE'
        and case when {p}.needs_consent then exists (
            select 1 from compliance_consent {k} where {k}.customer_id = {customer} and {k}.purpose_id = {p}.id
            and {k}.status = 'GIVEN' and {k}.deleted_at is null and ({k}.valid_until is null or {k}.valid_until > {now})
        ) else {p}.lawful_basis not in ('LEGITIMATE_INTERESTS', 'PUBLIC_TASK') or not exists (
            select 1 from compliance_consent {k} where {k}.customer_id = {customer} and {k}.purpose_id = {p}.id
            and {k}.status in ('OBJECTED', 'REFUSED', 'WITHDRAWN') and {k}.deleted_at is null
        ) end
    )
"""
_FORBIDDEN: Final = "1 = 0"


def lawful_sql(code: str, customer: str, now: Callable[[], str], prefix: str) -> str:
    """Return the condition under which a purpose is lawful for a customer.

    Args:

        code: the purpose.
        customer: SQL of the customer's id.
        now: gives SQL of the present instant.
        prefix: what the aliases of the condition begin with.
    """
    if not is_code(code):
        return _FORBIDDEN
    aliases = {"p": f"{prefix}_p", "k": f"{prefix}_k"}
    return " ".join(_LAWFUL.format(code=code, customer=customer, now=now(), **aliases).split())


async def lawful(database: Database, code: str, customers: Collection[UUID]) -> set[UUID]:
    """Return those of some customers whose data may be used for a purpose now; nobody, if there is no such purpose.

    For plugins that act on people by themselves: who sends, awards or calls asks first.
    """
    condition = lawful_sql(code, "c.id", lambda: "$2", "l")
    among = "select value from json_each($1)" if database.dialect == "sqlite" else "select unnest($1::uuid[])"
    placed = condition.replace("$2", "$2::timestamptz") if database.dialect == "postgresql" else condition
    sql = f"select c.id from customer c where c.id in ({among}) and c.deleted_at is null and {placed}"
    if condition == _FORBIDDEN:
        return set()
    return {row[0] for row in await database.fetch(sql, list(customers), clock.now())}
