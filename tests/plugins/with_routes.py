"""A plugin that answers HTTP requests of its own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from litestar import get

from crmcore import hookimpl

plugin_name = "doors"


@get("/knock", opt={"open": True})
async def knock() -> str:
    return "who is there?"


@hookimpl
def crm_routes() -> Iterable[Any]:
    return [knock]
