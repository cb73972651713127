"""Who asks: from the request's token, session cookie, or what the application around says, to the actor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcore.access import tokens, vouched
from crmcore.access.actor import Actor
from crmcore.access.authenticate import authenticate
from crmcore.access.purposes import for_purpose
from crmcore.access.sessions import COOKIE
from crmcore.access.standing import Standing
from crmcore.http.asgi import Scope, cookie, header
from crmcore.http.facts import PURPOSE, Facts
from crmcore.http.origin import refuse_cross_site
from crmcore.http.trace import trace_of

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["VOUCHED", "actor_of", "cookie_name", "session_of", "standing_of", "vouched_for"]

#: Key of a scope under which an application that has the CRM mounted puts the e-mail of who is signed in there. No client
#: can put anything into a scope.
VOUCHED = "crmcore.user"

_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})


def cookie_name(scope: Scope) -> str:
    """Name the session cookie: over https with the prefix that lets no other host or path set it (RFC 6265bis, 4.1.3)."""
    return f"__Host-{COOKIE}" if scope["scheme"] in {"https", "wss"} else COOKIE


def session_of(scope: Scope) -> str | None:
    """Return the session's secret from the cookie."""
    return cookie(scope, cookie_name(scope))


def standing_of(crm: Crm, scope: Scope, facts: Facts) -> Standing | None:
    """Return who asked with the same token before, for a statement to confirm; None where that has to be looked up.

    A replica may not know yet that a token was revoked, so where there is one, the database itself is asked.
    """
    if facts.digest is None or crm.database.replica is not None or scope.get(VOUCHED) is not None:
        return None
    return tokens.recall(crm.actors, facts.digest)


def vouched_for(scope: Scope) -> str | None:
    """Return the e-mail of who is signed in at the application around the CRM, None if it says nothing."""
    return scope.get(VOUCHED)


async def actor_of(crm: Crm, scope: Scope) -> Actor:
    """Return who asks.

    What the application around the CRM says counts before all else; a token counts before a cookie: who sends one means it.

    Raises:

        Unauthenticated: neither counts.
        Invalid: nobody knows the purpose that the request says it is for.
        Refused: a cookie came with a change that a page of another site started.
    """
    authorization = header(scope, b"authorization")
    person = vouched_for(scope)
    session = session_of(scope) if authorization is None and person is None else None
    # The application around, too, may know people by a cookie.
    by_cookie = session is not None or (person is not None and authorization is None)
    if by_cookie and scope.get("method") not in _SAFE:
        refuse_cross_site(scope)
    if person is not None:
        actor = await vouched.resolve(crm.database, crm.actors, person)
    else:
        actor = await authenticate(crm, authorization, session)
    if (purpose := header(scope, PURPOSE)) is not None:
        actor = await for_purpose(crm, actor, purpose)
    trace_of(scope).actor = actor
    return actor
