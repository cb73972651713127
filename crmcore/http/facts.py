"""What a request's head says of how it is to be answered, worked out once for all requests that have the same."""

from __future__ import annotations

import msgspec

from crmcore.access import secret
from crmcore.http.asgi import MEMO, Scope, header
from crmcore.http.negotiation import JSON, answer_type, prefers_events, require_json
from crmcore.http.refused import Refused

__all__ = ["PURPOSE", "Facts", "facts_of"]

#: The header in which a client says what it reads for.
PURPOSE = b"crm-purpose"


class Facts(msgspec.Struct, frozen=True, eq=False):
    """What a head says.

    Attributes:

        events: whether the client would rather have a stream of events than JSON.
        content_type: of the answer.
        digest: of the token that is brought; None without one, and where the client says what it reads for, since that is
            another actor than the one who asked before.
    """

    events: bool
    content_type: bytes
    digest: str | None


def facts_of(scope: Scope) -> Facts:
    """Return what a request's head says.

    Raises:

        Refused: it is no request of GraphQL, or takes nothing that is offered (405, 406, 415).
    """
    memo: dict[str, Facts] | None = scope.get(MEMO)
    if memo is None:
        return _facts(scope)
    facts = memo.get("facts")
    if facts is None:
        facts = memo["facts"] = _facts(scope)
    return facts


def _facts(scope: Scope) -> Facts:
    accept, authorization = header(scope, b"accept"), header(scope, b"authorization")
    events = prefers_events(accept)
    content_type = JSON if events else answer_type(accept)
    _admit(scope)
    named = authorization is not None and header(scope, PURPOSE) is None
    digest = secret.digest((authorization or "").removeprefix("Bearer ")) if named else None
    return Facts(events, content_type, digest)


def _admit(scope: Scope) -> None:
    method = scope["method"]
    if method == "POST":
        require_json(header(scope, b"content-type"))
    elif method != "GET":
        message = f"/graphql takes POST and, for queries, GET; not {method[:20]}."
        raise Refused(405, "METHOD_NOT_ALLOWED", message, [(b"allow", b"GET, POST")])
