"""What stands in `extensions.plan` of an answer: the statements it took, and how the database runs them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from crmcore.access.permissions import DIAGNOSE
from crmcore.database.explaining import explained
from crmcore.database.reading import only_reads
from crmcore.database.tally import Taped
from crmcore.errors import Forbidden, Refusal
from crmcore.graphql.answer import Answer, to_json

if TYPE_CHECKING:
    from crmcore.access.actor import Actor
    from crmcore.app import Crm
    from crmcore.database import Database

__all__ = ["check_may_see", "with_plan"]

#: Statements of one answer whose plans are asked for.
_MOST = 50


def check_may_see(actor: Actor) -> None:
    """Demand the permission.

    Raises:

        Forbidden: the actor lacks it.
    """
    if not actor.access.may(DIAGNOSE):
        msg = f"extensions.plan shows SQL and its parameters, for which one needs the permission {DIAGNOSE}; leave it out."
        raise Forbidden(msg)


async def with_plan(crm: Crm, answer: Answer, tape: Sequence[Taped]) -> Answer:
    """Add the statements of a request to its answer: SQL, parameters, milliseconds, and the database's plan.

    Statements that write have no plan (null): asking for it is left to those who may change what it would show.
    """
    shown = [await _shown(crm.database, taped) for taped in tape[:_MOST]]
    extensions = {"plan": {"database": crm.database.dialect, "ran": len(tape), "statements": shown}}
    return replace(answer, body=answer.body[:-1] + b',"extensions":' + to_json(extensions) + b"}")


async def _shown(database: Database, taped: Taped) -> dict[str, Any]:
    plan: list[str] | None = None
    if only_reads(taped.sql):
        try:
            plan = (await explained(database, taped.sql, taped.params)).splitlines()
        except Refusal as refusal:
            plan = [refusal.message]
    parameters = [None if value is None else str(value) for value in taped.params]
    return {"sql": taped.sql, "parameters": parameters, "ms": round(taped.seconds * 1000, 3), "plan": plan}
