"""`/health`, `/ready` and `/metrics` alone, for a process that serves nothing else."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

from litestar import Litestar
from litestar.types import ASGIApp

from crmcore.http.asgi import App
from crmcore.http.failures import exception_response
from crmcore.http.front_door import FrontDoor
from crmcore.http.health import health_routes
from crmcore.http.metrics import metrics_routes
from crmcore.http.requests import Requests

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["probes"]


def probes(crm: Crm) -> Litestar:
    """Make an HTTP application that says how a CRM is that runs already; who may read the metrics is as elsewhere."""
    requests = Requests()
    app = Litestar(
        [*health_routes(crm), *metrics_routes(crm, requests)],
        exception_handlers={Exception: exception_response},
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    others = cast("App", app.asgi_handler)
    app.asgi_handler = cast("ASGIApp", FrontDoor(others, others, others, requests))
    return app
