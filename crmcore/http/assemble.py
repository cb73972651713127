"""The HTTP application of a CRM, put together."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import TYPE_CHECKING, cast

from litestar import Litestar
from litestar.datastructures import State
from litestar.types import ASGIApp

from crmcore.http.asgi import App
from crmcore.http.explorer import explorer_routes
from crmcore.http.failures import exception_response
from crmcore.http.front_door import FrontDoor
from crmcore.http.graphql import GraphQLEndpoint
from crmcore.http.health import health_routes
from crmcore.http.plugin_routes import plugin_routers
from crmcore.http.sign_in import sign_in_routes

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["application"]


def application(crm: Crm) -> Litestar:
    """Make the HTTP application of a CRM; its lifespan starts and stops the CRM unless that runs already.

    Cross-origin requests are not allowed to read anything (no CORS): a web application of another origin talks to the
    CRM through its own server.
    """

    @asynccontextmanager
    async def running(_: Litestar) -> AsyncGenerator[None, None]:
        if crm.started:
            yield
            return
        async with crm:
            yield

    app = Litestar(
        [*explorer_routes(crm), *sign_in_routes(crm), *health_routes(crm), *plugin_routers(crm)],
        lifespan=[running],
        exception_handlers={Exception: exception_response},
        state=State({"crm": crm}),
        request_max_body_size=crm.settings.http.body_limit,
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    app.asgi_handler = cast("ASGIApp", FrontDoor(GraphQLEndpoint(crm), cast("App", app.asgi_handler)))
    return app
