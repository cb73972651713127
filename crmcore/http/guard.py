"""The guard in front of every handler that is not open to everybody."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any

from litestar.connection import ASGIConnection
from litestar.handlers import BaseRouteHandler

from crmcore.http.actors import actor_of

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["OPEN", "actor_guard"]

#: A handler with `opt={"open": True}` is called without an actor; it must authenticate its callers itself.
OPEN = "open"

_Connection = ASGIConnection[Any, Any, Any, Any]


def actor_guard(crm: Crm) -> Callable[[_Connection, BaseRouteHandler], Awaitable[None]]:
    """Make the guard: it leaves the actor in `request.user`, or refuses with 401."""

    async def guard(connection: _Connection, handler: BaseRouteHandler) -> None:
        if handler.opt.get(OPEN) is not True:
            connection.scope["user"] = await actor_of(crm, connection.scope)  # type: ignore[arg-type]

    return guard
