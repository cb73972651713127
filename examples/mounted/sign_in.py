"""The host's own sign-in, as small as one can be: yours is there already."""

from __future__ import annotations

import secrets
from http.cookies import SimpleCookie
from typing import Any

__all__ = ["COOKIE", "SignedIn", "Vouching"]

COOKIE = "who"


class SignedIn:
    """Who is signed in at the host: an e-mail for each secret that a browser holds as a cookie."""

    def __init__(self) -> None:
        self._emails: dict[str, str] = {}

    def begin(self, email: str) -> str:
        """Let somebody in; return what the cookie is to hold."""
        secret = secrets.token_urlsafe()
        self._emails[secret] = email
        return secret

    def email_of(self, headers: list[tuple[bytes, bytes]]) -> str | None:
        """Return who sends a request."""
        cookies = SimpleCookie(b"; ".join(value for name, value in headers if name == b"cookie").decode())
        return self._emails.get(cookies[COOKIE].value) if COOKIE in cookies else None


class Vouching:
    """Stands between the host and the CRM, and tells the CRM who is signed in at the host.

    Who is not signed in here can use a token of the CRM still, as programs do.
    """

    def __init__(self, crm: Any, signed_in: SignedIn) -> None:
        self._crm, self._signed_in = crm, signed_in

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """Serve one request or WebSocket."""
        email = self._signed_in.email_of(scope["headers"])
        await self._crm({**scope, "crmcore.user": email}, receive, send)
