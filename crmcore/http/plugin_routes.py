"""Plugins' own HTTP handlers, each plugin's below `/plugins/NAME`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from litestar import Router

from crmcore.http.guard import actor_guard

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["plugin_routers"]


def plugin_routers(crm: Crm) -> list[Router]:
    """Make a router for each plugin that has handlers.

    A handler is called with an actor or not at all, unless it says `opt={"open": True}`, as a webhook does whose caller
    signs its requests. `request.user` is the actor, `request.app.state.crm` the CRM.
    """
    guard = actor_guard(crm)
    return [
        Router(f"/plugins/{name}", route_handlers=handlers, guards=[guard])
        for name, handlers in crm.plugins.routes()
        if handlers
    ]
