"""The CRM inside a Starlette application, below /crm, with the application's own sign-in."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Mount, Route

from crmcore import Crm
from examples.mounted.sign_in import COOKIE, SignedIn, Vouching

__all__ = ["starlette_app"]


def starlette_app(crm: Crm) -> Starlette:
    """Make the application around a CRM."""
    inner, signed_in = crm.asgi(), SignedIn()

    @asynccontextmanager
    async def life(_: Starlette) -> AsyncIterator[None]:
        # Mounted applications are not told that the server starts and stops: the CRM's life is part of the host's.
        async with inner.lifespan():
            yield

    async def home(_: Request) -> Response:
        return PlainTextResponse("Our own page.")

    async def sign_in(request: Request) -> Response:
        # Yours asks for a password.
        answer = PlainTextResponse("Welcome.")
        answer.set_cookie(COOKIE, signed_in.begin((await request.json())["email"]), httponly=True, samesite="lax")
        return answer

    routes = [
        Route("/", home),
        Route("/login", sign_in, methods=["POST"]),
        Mount("/crm", app=Vouching(inner, signed_in)),
    ]
    return Starlette(routes=routes, lifespan=life)
