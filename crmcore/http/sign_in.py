"""Signing in and out: a page for people, JSON for programs, one session cookie for both."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from litestar import Request, Response, get, post
from litestar.datastructures import Cookie
from litestar.handlers import HTTPRouteHandler

from crmcore import clock
from crmcore.access.sign_in import SignedIn, sign_in, sign_in_with_token, sign_out
from crmcore.errors import Refusal
from crmcore.http.actors import cookie_name, session_of
from crmcore.http.asgi import Scope
from crmcore.http.assets import asset
from crmcore.http.credentials import Credentials, read_credentials
from crmcore.http.origin import refuse_cross_site
from crmcore.http.pages import page, safe_next
from crmcore.http.refused import status_of
from crmcore.http.trace import trace_of

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["sign_in_routes"]

_Request = Request[Any, Any, Any]


def sign_in_routes(crm: Crm) -> list[HTTPRouteHandler]:
    """Make the routes below `/sign-in` and `/auth`; they are open to everybody."""

    @get("/sign-in", sync_to_thread=False)
    def show(request: _Request) -> Response[str]:
        return _page(safe_next(request.query_params.get("next")))

    @get("/sign-in/assets/{name:str}", sync_to_thread=True)
    def files(request: _Request) -> Response[bytes]:
        return asset(request, "sign-in")

    @post("/auth/sign-in", status_code=200)
    async def enter(request: _Request) -> Response[Any]:
        scope: Scope = request.scope  # type: ignore[assignment]
        refuse_cross_site(scope)
        given = await read_credentials(scope, request.receive)
        try:
            signed_in = await _sign_in(crm, given, scope)
        except Refusal as refusal:
            if not given.from_page:
                raise
            return _page(safe_next(given.next), refusal.message, given.email or "", status_of(refusal))
        trace_of(scope).actor = signed_in.actor
        return _welcome(given, signed_in, scope)

    @post("/auth/sign-out", status_code=204)
    async def leave(request: _Request) -> Response[None]:
        scope: Scope = request.scope  # type: ignore[assignment]
        refuse_cross_site(scope)
        secret = session_of(scope)
        if secret is not None:
            await sign_out(crm, secret)
        from_page = request.headers.get("content-type", "").startswith("application/x-www-form-urlencoded")
        answer = _to("/sign-in") if from_page else Response(None, status_code=204)
        answer.set_cookie(_cookie(scope, "", max_age=0))
        return answer

    return [show, files, enter, leave]


async def _sign_in(crm: Crm, given: Credentials, scope: Scope) -> SignedIn:
    address = scope["client"][0] if scope.get("client") else None
    if given.token is not None:
        return await sign_in_with_token(crm, given.token, address, previous=session_of(scope))
    return await sign_in(crm, given.email or "", given.password or "", address, previous=session_of(scope))


def _welcome(given: Credentials, signed_in: SignedIn, scope: Scope) -> Response[Any]:
    lifetime = int((signed_in.expires_at - clock.now()).total_seconds())
    answer: Response[Any]
    if given.from_page:
        answer = _to(safe_next(given.next))
    else:
        answer = Response({"actor": signed_in.actor.stamp, "expiresAt": signed_in.expires_at.isoformat()})
    answer.set_cookie(_cookie(scope, signed_in.secret, max_age=lifetime))
    return answer


def _cookie(scope: Scope, value: str, max_age: int) -> Cookie:
    # Lax, not Strict: a link to a record that arrives by mail must open signed in. Nothing changes by GET, and a change
    # with this cookie is refused when another site's page started it (origin.py).
    return Cookie(
        cookie_name(scope),
        value=value,
        max_age=max_age,
        path="/",
        httponly=True,
        samesite="lax",
        secure=scope["scheme"] == "https",
    )


def _to(path: str) -> Response[None]:
    return Response(None, status_code=303, headers={"location": path})


def _page(next_path: str, problem: str = "", email: str = "", status: int = 200) -> Response[str]:
    shown = "shown" if problem else "absent"
    return page("sign-in", status, next=next_path, problem=problem, problem_is=shown, email=email)
