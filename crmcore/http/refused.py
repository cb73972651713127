"""Refusals at the door: the one JSON form of every error body, and which status a refusal has."""

from __future__ import annotations

import msgspec

from crmcore.errors import Code, Refusal
from crmcore.http.asgi import Headers

__all__ = ["Refused", "error_body", "status_of"]

_STATUS = {
    Code.VALIDATION: 400,
    Code.UNAUTHENTICATED: 401,
    Code.FORBIDDEN: 403,
    Code.NOT_FOUND: 404,
    Code.CONFLICT: 409,
    Code.DUPLICATE: 409,
    Code.IN_USE: 409,
    Code.DECLINED: 409,
    Code.IDEMPOTENCY_KEY_REUSED: 409,
    Code.RATE_LIMITED: 429,
    Code.UNAVAILABLE: 503,
}


class Refused(Exception):
    """A request that HTTP itself refuses.

    Attributes:

        status: HTTP status, 4xx.
        code: a word a program can test.
        message: a sentence with the way out.
        headers: more response headers.
    """

    def __init__(self, status: int, code: str, message: str, headers: Headers = ()) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.headers = tuple(headers)

    @classmethod
    def of(cls, refusal: Refusal) -> Refused:
        """Translate a refusal of the CRM."""
        headers: list[tuple[bytes, bytes]] = []
        if refusal.code is Code.UNAUTHENTICATED:
            headers.append((b"www-authenticate", b'Bearer realm="crmcore"'))
        return cls(status_of(refusal), refusal.code.value, refusal.message, headers)

    @property
    def body(self) -> bytes:
        """The JSON body."""
        return error_body(self.message, self.code)


def status_of(refusal: Refusal) -> int:
    """Return the HTTP status of a refusal."""
    return _STATUS[refusal.code]


def error_body(message: str, code: str, **extensions: str) -> bytes:
    """Write the body every error has, GraphQL's own form: `{"errors": [{"message", "extensions": {"code"}}]}`."""
    return msgspec.json.encode({"errors": [{"message": message, "extensions": {"code": code, **extensions}}]})
