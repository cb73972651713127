"""The CRM inside a Litestar application, below /crm, with the application's own sign-in."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

from litestar import Litestar, Request, Response, asgi, get, post

from crmcore import Crm
from examples.mounted.sign_in import COOKIE, SignedIn, Vouching

__all__ = ["litestar_app"]


def litestar_app(crm: Crm) -> Litestar:
    """Make the application around a CRM."""
    inner, signed_in = crm.asgi(), SignedIn()

    @asynccontextmanager
    async def life(_: Litestar) -> AsyncGenerator[None, None]:
        # Mounted applications are not told that the server starts and stops: the CRM's life is part of the host's.
        async with inner.lifespan():
            yield

    @get("/")
    async def home() -> str:
        return "Our own page."

    @post("/login")
    async def sign_in(request: Request[Any, Any, Any]) -> Response[str]:
        # Yours asks for a password.
        answer = Response("Welcome.")
        answer.set_cookie(COOKIE, signed_in.begin((await request.json())["email"]), httponly=True, samesite="lax")
        return answer

    mounted = asgi("/crm", is_mount=True, copy_scope=True)(Vouching(inner, signed_in))
    return Litestar([home, sign_in, mounted], lifespan=[life])
