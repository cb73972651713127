"""The response headers that keep browsers careful; a handler's own header of the same name wins."""

from __future__ import annotations

from crmcore.http.asgi import Headers

__all__ = ["PAGE_POLICY", "lines", "with_security"]

#: For answers that are no pages: nothing may be loaded, framed or posted from them.
_NO_PAGE = b"default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"

#: For our own pages: everything from here, nothing inline; icons and fonts of bundled style sheets are data URLs.
PAGE_POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src data:; connect-src 'self'; "
    "form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
)

_SECURITY = (
    (b"content-security-policy", _NO_PAGE),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    # Not no-referrer: browsers then send `Origin: null` with forms, which the cross-site check would have to refuse.
    (b"referrer-policy", b"same-origin"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    # Answers are about people: no shared or disk cache keeps them unless a handler says so.
    (b"cache-control", b"no-store"),
)


def with_security(headers: Headers, request_id: str) -> list[tuple[bytes, bytes]]:
    """Return the headers with those that are missing, and the request's id."""
    given = list(headers)
    names = {name.lower() for name, _ in given}
    given += [pair for pair in _SECURITY if pair[0] not in names]
    given.append((b"x-request-id", request_id.encode()))
    return given


def lines(content_type: bytes, length: int, request_id: str) -> bytes:
    """Return what `with_security` makes of an answer with no other headers, as it stands in the response, its end included."""
    return _LINES % (content_type, length, request_id.encode())


_LINES = (
    b"content-type: %b\r\ncontent-length: %d\r\n"
    + b"".join(name + b": " + value + b"\r\n" for name, value in _SECURITY)
    + b"x-request-id: %b\r\n\r\n"
)
