"""HTML pages: a template of the package, filled with escaped text."""

from __future__ import annotations

from functools import cache
from html import escape
from string import Template

from litestar import Response

from crmcore.http.assets import STATIC
from crmcore.http.headers import PAGE_POLICY

__all__ = ["page", "safe_next"]


def page(name: str, status: int = 200, policy: str = PAGE_POLICY, **texts: str) -> Response[str]:
    """Fill `static/NAME/page.html` and answer with it.

    Args:

        name: the page's folder.
        status: HTTP status.
        policy: Content-Security-Policy of the page.
        texts: what its `$names` stand for, as plain text.
    """
    html = _template(name).substitute({key: escape(text) for key, text in texts.items()})
    headers = {"content-security-policy": policy}
    return Response(html, status_code=status, headers=headers, media_type="text/html")


@cache
def _template(name: str) -> Template:
    return Template((STATIC / name / "page.html").read_text("utf-8"))


def safe_next(wanted: str | None) -> str:
    """Return where to go after signing in: a path of this server, or the explorer when another site was named."""
    if not wanted or not wanted.startswith("/") or wanted.startswith(("//", "/\\")) or not wanted.isprintable():
        return "/graphiql"
    return wanted
