"""GraphiQL, from bundled files: the API's explorer for whoever has signed in."""

from __future__ import annotations

from secrets import token_urlsafe
from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get
from litestar.handlers import HTTPRouteHandler
from litestar.response import Redirect

from crmcore.errors import Unauthenticated
from crmcore.http.actors import actor_of
from crmcore.http.asgi import Scope
from crmcore.http.assets import asset
from crmcore.http.guard import actor_guard
from crmcore.http.headers import PAGE_POLICY
from crmcore.http.pages import page

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["explorer_routes"]


def explorer_routes(crm: Crm) -> list[HTTPRouteHandler]:
    """Make `/` and the routes below `/graphiql`."""

    @get("/", sync_to_thread=False)
    def start() -> Redirect:
        return Redirect("/graphiql", status_code=303)

    @get("/graphiql")
    async def explore(request: Request[Any, Any, Any]) -> Response[Any]:
        scope: Scope = request.scope  # type: ignore[assignment]
        try:
            actor = await actor_of(crm, scope)
        except Unauthenticated:
            return Redirect("/sign-in?next=/graphiql", status_code=303)
        # GraphiQL's dialogs bring one style sheet as an element; it carries this nonce (explorer.js hands it over).
        nonce = token_urlsafe(16)
        policy = PAGE_POLICY.replace("style-src 'self'", f"style-src 'self' 'nonce-{nonce}'")
        return page("graphiql", policy=policy, actor=actor.label, nonce=nonce)

    @get("/graphiql/assets/{name:str}", guards=[actor_guard(crm)], sync_to_thread=True)
    def files(request: Request[Any, Any, Any]) -> Response[bytes]:
        return asset(request, "graphiql")

    return [start, explore, files]
