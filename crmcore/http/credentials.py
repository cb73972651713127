"""Reading what somebody signs in with: a form of our page, or JSON."""

from __future__ import annotations

from urllib.parse import parse_qs

import msgspec

from crmcore.http.asgi import Receive, Scope, header
from crmcore.http.body import read_body
from crmcore.http.negotiation import require_json
from crmcore.http.refused import Refused

__all__ = ["Credentials", "read_credentials"]

#: Bytes; no e-mail address, password and token together need more.
_LIMIT = 16 * 1024


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody signs in with.

    Attributes:

        email: with `password`.
        password: with `email`.
        token: instead of both.
        next: where a person goes afterwards.
        from_page: whether the page's form sent it, so that a page answers.
    """

    email: str | None = None
    password: str | None = None
    token: str | None = None
    next: str | None = None
    from_page: bool = False


_decode = msgspec.json.Decoder(Credentials).decode


async def read_credentials(scope: Scope, receive: Receive) -> Credentials:
    """Read the body.

    Raises:

        Refused: another content type, too large, unreadable, or neither e-mail with password nor a token is in it.
    """
    content_type = header(scope, b"content-type") or ""
    from_page = content_type.partition(";")[0].strip().lower() == "application/x-www-form-urlencoded"
    if not from_page:
        require_json(content_type)
    body = await read_body(scope, receive, _LIMIT)
    try:
        given = _from_form(body) if from_page else _decode(body)
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        message = f"The body cannot be read: {error}."
        raise _refused(message) from None
    if given.token is None and (given.email is None or given.password is None):
        raise _refused("Something is missing.")
    return given


def _from_form(body: bytes) -> Credentials:
    fields = parse_qs(body.decode("utf-8"), errors="strict", max_num_fields=10)
    one = {name: values[0] for name, values in fields.items()}
    token = (one.get("token") or "").strip() or None
    email, password = one.get("email", ""), one.get("password", "")
    return Credentials(email=email, password=password, token=token, next=one.get("next"), from_page=True)


def _refused(why: str) -> Refused:
    message = f'{why} Send {{"email": "…", "password": "…"}} or {{"token": "crm_…"}}.'
    return Refused(400, "BAD_REQUEST", message)
