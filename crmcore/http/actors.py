"""Who asks: from the request's token or session cookie to the actor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcore.access import tokens
from crmcore.access.actor import Actor
from crmcore.access.authenticate import authenticate
from crmcore.access.sessions import COOKIE
from crmcore.access.standing import Standing
from crmcore.http.asgi import Scope, cookie, header
from crmcore.http.origin import refuse_cross_site
from crmcore.http.trace import trace_of

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["actor_of", "cookie_name", "session_of", "standing_of"]

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def cookie_name(scope: Scope) -> str:
    """Name the session cookie: over https with the prefix that lets no other host or path set it (RFC 6265bis, 4.1.3)."""
    return f"__Host-{COOKIE}" if scope["scheme"] in {"https", "wss"} else COOKIE


def session_of(scope: Scope) -> str | None:
    """Return the session's secret from the cookie."""
    return cookie(scope, cookie_name(scope))


def standing_of(crm: Crm, scope: Scope) -> Standing | None:
    """Return who asked with the same token before, for a statement to confirm; None where that has to be looked up.

    A replica may not know yet that a token was revoked, so where there is one, the database itself is asked.
    """
    authorization = header(scope, b"authorization")
    if authorization is None or crm.database.replica is not None:
        return None
    return tokens.recall(crm.actors, authorization.removeprefix("Bearer "))


async def actor_of(crm: Crm, scope: Scope) -> Actor:
    """Return who asks.

    A token counts before a cookie: who sends one means it.

    Raises:

        Unauthenticated: neither counts.
        Refused: a cookie came with a change that a page of another site started.
    """
    authorization = header(scope, b"authorization")
    session = session_of(scope) if authorization is None else None
    if session is not None and scope.get("method") not in _SAFE:
        refuse_cross_site(scope)
    actor = await authenticate(crm, authorization, session)
    trace_of(scope).actor = actor
    return actor
