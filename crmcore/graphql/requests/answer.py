"""The body of an answer: data that is JSON text already, beside errors."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec
from graphql import GraphQLError

__all__ = ["Answer", "answer", "object_text", "to_json"]


class Answer(msgspec.Struct, frozen=True):
    """What a GraphQL request gives.

    Attributes:

        body: JSON, UTF-8: `data`, `errors` or both.
        status: for `application/graphql-response+json`: 200, 400 if nothing was executed, 405 for a mutation where only
            reading is allowed, 406 for a subscription where one answer is expected, 500 for a bug that left no data.
        errors: how many errors it has.
    """

    body: bytes
    status: int = 200
    errors: int = 0


def answer(data: str | bytes | None, errors: Sequence[GraphQLError] = (), status: int = 200) -> Answer:
    """Put an answer together.

    Args:

        data: JSON text; None is null.
        errors: ready to be seen.
        status: see `Answer`; with 400, 405 and 406 there is no `data`.
    """
    text = data.encode() if isinstance(data, str) else (data or b"null")
    said = to_json([e.formatted for e in errors]) if errors else b""
    if status in (400, 405, 406):
        return Answer(b'{"errors":' + said + b"}", status, len(errors))
    return Answer(b'{"data":' + text + (b',"errors":' + said if said else b"") + b"}", status, len(errors))


def object_text(fields: Mapping[str, bytes | str]) -> bytes:
    """Make the text of an object of the texts of its values."""
    pairs = (to_json(key) + b":" + (text.encode() if isinstance(text, str) else text) for key, text in fields.items())
    return b"{" + b",".join(pairs) + b"}"


def to_json(value: Any) -> bytes:
    """Write JSON; half a surrogate pair, which UTF-8 cannot carry, becomes U+FFFD."""
    try:
        return msgspec.json.encode(value)
    except UnicodeEncodeError:
        return msgspec.json.encode(_whole(value))


def _whole(value: Any) -> Any:
    match value:
        case str():
            return value.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
        case dict():
            return {_whole(k): _whole(v) for k, v in value.items()}
        case list() | tuple():
            return [_whole(v) for v in value]
    return value
