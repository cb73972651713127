"""Whether a request that changes something may have been caused by a page of another site."""

from __future__ import annotations

from crmcore.http.asgi import Scope, header
from crmcore.http.refused import Refused

__all__ = ["refuse_cross_site"]

#: By what a WebSocket's address begins with, what that of the page does that opens it.
_PAGES = {"ws": "http", "wss": "https"}


def refuse_cross_site(scope: Scope) -> None:
    """Refuse a request that a browser sent for another origin's page.

    Every browser in use sends `Sec-Fetch-Site`; older ones send `Origin` with each POST. A program sends neither, and no
    page can make a browser leave both out, so their absence is no danger (OWASP, Cross-Site Request Forgery Prevention).

    Raises:

        Refused: it came from elsewhere (403).
    """
    site = header(scope, b"sec-fetch-site")
    if site is not None:
        allowed = site in {"same-origin", "none"}
    else:
        origin = header(scope, b"origin")
        scheme = _PAGES.get(scope["scheme"], scope["scheme"])
        allowed = origin is None or origin == f"{scheme}://{header(scope, b'host')}"
    if not allowed:
        message = (
            "This request was started by a page of another site and is refused; open the CRM's own page and try again."
        )
        raise Refused(403, "CROSS_SITE", message)
