"""What stands in `extensions` of an answer for those who ask what it took: statements with their plans, and plugins' handlers."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from crmcore.access.permissions import DIAGNOSE
from crmcore.database.explaining import explained
from crmcore.database.reading import only_reads
from crmcore.database.tally import Taped, Told
from crmcore.errors import Forbidden, Refusal
from crmcore.graphql.requests.answer import Answer, to_json

if TYPE_CHECKING:
    from crmcore.access.actor import Actor
    from crmcore.app import Crm
    from crmcore.database import Database

__all__ = ["check_may_see", "with_diagnosis"]

#: Statements of one answer whose plans are asked for.
_MOST = 50


def check_may_see(actor: Actor) -> None:
    """Demand the permission.

    Raises:

        Forbidden: the actor lacks it.
    """
    if not actor.access.may(DIAGNOSE):
        msg = (
            "extensions.plan and extensions.handlers show the inside of the server, for which one needs the permission "
            f"{DIAGNOSE}; leave them out."
        )
        raise Forbidden(msg)


async def with_diagnosis(
    crm: Crm, answer: Answer, tape: Sequence[Taped] | None, handlers: Sequence[Told] | None
) -> Answer:
    """Add to an answer what its request took.

    Args:

        crm: whose database is asked for plans.
        answer: as the client gets it otherwise.
        tape: the request's statements, None if nobody asked. Those that write have no plan (null): asking for it is left
            to those who may change what it would show.
        handlers: the inside-handlers that ran, None if nobody asked.
    """
    extensions: dict[str, Any] = {}
    if tape is not None:
        shown = [await _shown(crm.database, taped) for taped in tape[:_MOST]]
        extensions["plan"] = {"database": crm.database.dialect, "ran": len(tape), "statements": shown}
    if handlers is not None:
        extensions["handlers"] = _slowest_first(handlers)
    return replace(answer, body=answer.body[:-1] + b',"extensions":' + to_json(extensions) + b"}")


def _slowest_first(handlers: Sequence[Told]) -> list[dict[str, Any]]:
    found: dict[tuple[str, str, str], list[Told]] = {}
    for told in handlers:
        found.setdefault((told.plugin, told.handler, told.event), []).append(told)
    rows = [
        {
            "plugin": plugin,
            "handler": handler,
            "event": event,
            "times": len(each),
            "ms": round(sum(told.own for told in each) * 1000, 3),
            "msWithCaused": round(sum(told.seconds for told in each) * 1000, 3),
        }
        for (plugin, handler, event), each in found.items()
    ]
    return sorted(rows, key=lambda row: -float(str(row["ms"])))


async def _shown(database: Database, taped: Taped) -> dict[str, Any]:
    plan: list[str] | None = None
    if only_reads(taped.sql):
        try:
            plan = (await explained(database, taped.sql, taped.params)).splitlines()
        except Refusal as refusal:
            plan = [refusal.message]
    parameters = [None if value is None else str(value) for value in taped.params]
    return {"sql": taped.sql, "parameters": parameters, "ms": round(taped.seconds * 1000, 3), "plan": plan}
