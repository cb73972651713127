"""Whether the process lives, and whether it can serve: for those who restart and those who send traffic."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from litestar import Response, route
from litestar.enums import HttpMethod
from litestar.handlers import HTTPRouteHandler

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["health_routes", "reasons_not_ready"]

_log = logging.getLogger("crmcore.http")
_METHODS = [HttpMethod.GET, HttpMethod.HEAD]

#: Seconds a check may take before the CRM counts as not ready.
_PATIENCE = 3.0


def health_routes(crm: Crm) -> list[HTTPRouteHandler]:
    """Make `/health` and `/ready`; they are open to everybody and say nothing that helps an attacker.

    `/health` names what stands still of jobs, schedules and webhooks with status 200 all the same: a server that answers
    is not to be ended or shunned for it.
    """

    @route("/health", http_method=_METHODS, sync_to_thread=False)
    def health() -> dict[str, str | list[str]]:
        if stalled := crm.background.stalled():
            return {"status": "background work stands still", "reasons": stalled}
        return {"status": "ok"}

    @route("/ready", http_method=_METHODS)
    async def ready() -> Response[dict[str, object]]:
        reasons = await reasons_not_ready(crm)
        if reasons:
            return Response({"status": "not ready", "reasons": reasons}, status_code=503)
        return Response({"status": "ready"})

    return [health, ready]


async def reasons_not_ready(crm: Crm) -> list[str]:
    """Return why requests would fail now; an empty list if they would not."""
    try:
        async with asyncio.timeout(_PATIENCE):
            pending = await crm.migrator.pending()
    except Exception:
        _log.warning("Not ready: the database does not answer", exc_info=True)
        return ["The database does not answer."]
    return ["Migrations are pending; run crm migrate."] if pending else []
