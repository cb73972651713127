"""Which of the two media types an answer has (GraphQL over HTTP, section 6.3), and whether a body may be read as JSON."""

from __future__ import annotations

from functools import lru_cache

from crmcore.http.refused import Refused

__all__ = ["JSON", "RESPONSE_JSON", "answer_type", "prefers_events", "require_json", "takes_events"]

JSON = b"application/json; charset=utf-8"
RESPONSE_JSON = b"application/graphql-response+json; charset=utf-8"

_RESPONSE = "application/graphql-response+json"
_PLAIN = "application/json"
_EVENTS = "text/event-stream"


@lru_cache(64)
def answer_type(accept: str | None) -> bytes:
    """Choose the content type of a GraphQL answer.

    A client that does not say, or takes anything, gets `application/json`, as every GraphQL client understands it.

    Raises:

        Refused: the client takes neither (406).
    """
    weights = _weights(accept or "*/*")
    response = weights.get(_RESPONSE, 0.0)
    plain = max(weights.get(name, 0.0) for name in (_PLAIN, "application/*", "*/*"))
    if response > 0 and response >= weights.get(_PLAIN, 0.0):
        return RESPONSE_JSON
    if plain > 0:
        return JSON
    message = f"/graphql answers in {_RESPONSE}, {_PLAIN} or {_EVENTS}; name one of them in Accept."
    raise Refused(406, "NOT_ACCEPTABLE", message)


@lru_cache(64)
def prefers_events(accept: str | None) -> bool:
    """Say whether a client would rather have a stream of events than JSON, whatever it asks for."""
    if accept is None or _EVENTS not in accept:
        return False
    weights = _weights(accept)
    return weights.get(_EVENTS, 0.0) > max(weights.get(_RESPONSE, 0.0), weights.get(_PLAIN, 0.0))


@lru_cache(64)
def takes_events(accept: str | None) -> bool:
    """Say whether a client takes a stream of events where JSON will not do, which is for subscriptions."""
    weights = _weights(accept or "*/*")
    return max(weights.get(name, 0.0) for name in (_EVENTS, "text/*", "*/*")) > 0


def _weights(accept: str) -> dict[str, float]:
    weights: dict[str, float] = {}
    for part in accept.split(","):
        name, *parameters = (piece.strip().lower() for piece in part.split(";"))
        quality = next((p[2:] for p in parameters if p.startswith("q=")), "1")
        weights[name] = float(quality) if quality.replace(".", "", 1).isdecimal() else 0.0
    return weights


@lru_cache(64)
def require_json(content_type: str | None) -> None:
    """Let only `application/json` in UTF-8 pass.

    A browser sends the other types (text/plain, forms, none at all) to any site without asking that site first, so
    taking them would let a foreign page act with the visitor's cookie.

    Raises:

        Refused: anything else (415).
    """
    name, *parameters = (piece.strip().lower() for piece in (content_type or "").split(";"))
    charset = next((p[8:].strip('"') for p in parameters if p.startswith("charset=")), "utf-8")
    if name != _PLAIN or charset not in {"utf-8", "utf8"}:
        shown = f"{content_type[:80]!r}" if content_type else "no Content-Type"
        message = f"The body came with {shown}; send JSON in UTF-8 with Content-Type: application/json."
        raise Refused(415, "UNSUPPORTED_MEDIA_TYPE", message)
