"""The HTTP application of a CRM, put together."""

from __future__ import annotations

import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

from litestar import Litestar
from litestar.datastructures import State
from litestar.plugins import PluginProtocol
from litestar.plugins.core import MsgspecDIPlugin
from litestar.types import ASGIApp

from crmcore.http.asgi import App
from crmcore.http.explorer import explorer_routes
from crmcore.http.failures import exception_response
from crmcore.http.front_door import FrontDoor
from crmcore.http.graphql import GraphQLEndpoint
from crmcore.http.health import health_routes
from crmcore.http.metrics import metrics_routes
from crmcore.http.plugin_routes import plugin_routers
from crmcore.http.requests import Requests
from crmcore.http.sign_in import sign_in_routes

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["application"]


class _Lean(Litestar):
    """Litestar without its Pydantic plugin where nobody uses Pydantic: that saves 0.2 s of start and 10 MB."""

    @staticmethod
    def _get_default_plugins(plugins: list[PluginProtocol]) -> list[PluginProtocol]:
        if "pydantic" in sys.modules:
            return Litestar._get_default_plugins(plugins)
        return [*plugins, MsgspecDIPlugin()]


def application(crm: Crm) -> Litestar:
    """Make the HTTP application of a CRM; its lifespan starts and stops the CRM unless that runs already.

    With the setting `jobs.in_process` the lifespan runs background work too.

    Cross-origin requests are not allowed to read anything (no CORS): a web application of another origin talks to the
    CRM through its own server.
    """

    @asynccontextmanager
    async def running(_: Litestar) -> AsyncGenerator[None, None]:
        mine = not crm.started
        await crm.start()
        try:
            if crm.settings.jobs.in_process:
                await crm.background.start()
            yield
        finally:
            await (crm.stop() if mine else crm.background.stop())

    # What the first request would otherwise wait for.
    _ = crm.planner, crm.documents
    requests, endpoint = Requests(), GraphQLEndpoint(crm)
    app = _Lean(
        [
            *explorer_routes(crm),
            *sign_in_routes(crm),
            *health_routes(crm),
            *metrics_routes(crm, requests, endpoint.connections),
            *plugin_routers(crm),
        ],
        lifespan=[running],
        exception_handlers={Exception: exception_response},
        state=State({"crm": crm}),
        request_max_body_size=crm.settings.http.body_limit,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    app.asgi_handler = cast("ASGIApp", FrontDoor(endpoint, endpoint.sockets, cast("App", app.asgi_handler), requests))
    return app
