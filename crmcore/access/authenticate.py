"""Who acts: from a request's `Authorization` header or session cookie to an actor."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcore.access import sessions, tokens
from crmcore.access.actor import Actor
from crmcore.access.settings import AccessSettings
from crmcore.errors import Unauthenticated

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["authenticate"]


async def authenticate(crm: Crm, authorization: str | None, session: str | None) -> Actor:
    """Return who acts.

    It takes one indexed statement: the token or session, its person and the revision of all rights. Rights are compiled
    again only after the revision has changed. So whatever was revoked, deactivated or changed by a committed
    transaction, of this process or another, no longer counts.

    Args:

        crm: the CRM.
        authorization: the header's value, `Bearer crm_…`; when there is one, the cookie is not looked at, so that a
            page on another site cannot borrow a browser's session for a program's request.
        session: the value of the cookie `crm_session`.

    Raises:

        Unauthenticated: neither is there, or what is there does not count.
    """
    if authorization is not None:
        scheme, _, presented = authorization.strip().partition(" ")
        if scheme.lower() != "bearer" or not presented.strip():
            msg = "The Authorization header must read `Bearer crm_…`, with a token made by `crm token issue`."
            raise Unauthenticated(msg)
        return await tokens.resolve(crm.database, crm.actors, presented.strip())
    if session:
        return await sessions.resolve(crm.database, crm.actors, crm.settings[AccessSettings], session)
    msg = "Nobody is signed in. Send `Authorization: Bearer crm_…` (make a token with `crm token issue`) or sign in at /sign-in."
    raise Unauthenticated(msg)
