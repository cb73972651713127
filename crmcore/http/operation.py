"""Reading a GraphQL operation out of a body or a query string."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import parse_qs

import msgspec

from crmcore.http.refused import Refused

__all__ = ["Operation", "from_body", "from_query_string"]

_FORM = 'Send {"query": "{ me { id } }", "variables": {…}, "operationName": "…"}; the last two may be left out.'
_NAMED = re.compile(r"\b(?:query|mutation|subscription)\s+([A-Za-z_]\w{0,79})").search


class Operation(msgspec.Struct, frozen=True, rename="camel"):
    """What a client asks for.

    Attributes:

        query: the document's text.
        variables: values of its variables.
        operation_name: which of its operations is meant; needed when it has several.
        extensions: read for its form only; no extension is known.
    """

    query: str
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: dict[str, Any] | None = None

    @property
    def label(self) -> str | None:
        """A name for the log: `operationName`, or else the first name in the document."""
        if self.operation_name:
            return self.operation_name[:80]
        named = _NAMED(self.query)
        return named[1] if named else None


_decode = msgspec.json.Decoder(Operation).decode
_decode_variables = msgspec.json.Decoder(dict[str, Any] | None).decode


def from_body(body: bytes) -> Operation:
    """Read the body of a POST.

    Raises:

        Refused: it is no JSON, no object, or one of other members than `Operation` has (400).
    """
    try:
        return _decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        if body.lstrip()[:1] == b"[":
            message = "Several operations in one request (batching) are not offered; send one operation a request."
            raise Refused(400, "BATCHING_NOT_OFFERED", message) from None
        raise _unreadable("The body", error) from None


def from_query_string(text: bytes) -> Operation:
    """Read the query string of a GET.

    Raises:

        Refused: no `query`, unknown encoding, or `variables` that are no JSON object (400).
    """
    try:
        given = parse_qs(text.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=20)
        fields = {name: values[0] for name, values in given.items()}
        return Operation(
            query=fields["query"],
            variables=_decode_variables(fields.get("variables") or "null"),
            operation_name=fields.get("operationName") or None,
        )
    except KeyError:
        message = "There is no operation in the request: send POST with a JSON body, or GET with ?query=…; people use /graphiql."
        raise Refused(400, "BAD_REQUEST", message) from None
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise _unreadable("The query string", error) from None


def _unreadable(what: str, error: Exception) -> Refused:
    if isinstance(error, RecursionError):
        why = "it is nested too deeply"
    elif isinstance(error, UnicodeDecodeError):
        why = "it is not UTF-8"
    else:
        why = str(error)
    return Refused(400, "BAD_REQUEST", f"{what} cannot be read: {why}. {_FORM}")
