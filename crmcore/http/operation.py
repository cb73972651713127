"""Reading a GraphQL operation out of a body or a query string."""

from __future__ import annotations

import re
from typing import Any, Literal
from urllib.parse import parse_qs

import msgspec

from crmcore.http.refused import Refused

__all__ = ["Operation", "from_body", "from_query_string"]

_FORM = 'Send {"query": "{ me { id } }", "variables": {…}, "operationName": "…"}; the last two may be left out.'
_NAMED = re.compile(r"\b(?:query|mutation|subscription)\s+([A-Za-z_]\w{0,79})").search


class _PersistedQuery(msgspec.Struct, frozen=True, rename="camel"):
    sha256_hash: str
    version: Literal[1] = 1


class _Extensions(msgspec.Struct, frozen=True, rename="camel"):
    persisted_query: _PersistedQuery | None = None
    plan: Any = None
    handlers: Any = None


class Operation(msgspec.Struct, frozen=True, rename="camel"):
    """What a client asks for.

    Attributes:

        query: the document's text; None if it is one that is known by an id.
        variables: values of its variables.
        operation_name: which of its operations is meant; needed when it has several.
        extensions: `persistedQuery` of Apollo's automatic persisted queries, and true for `plan` or `handlers` to see
            what the request took; others are not looked at.
        document_id: which persisted document is meant (GraphQL over HTTP, appendix on persisted documents).
    """

    query: str | None = None
    variables: dict[str, Any] | None = None
    operation_name: str | None = None
    extensions: _Extensions | None = None
    document_id: str | None = None

    @property
    def hash(self) -> str | None:
        """The SHA-256 of the text, as a client of automatic persisted queries sends it."""
        persisted = self.extensions and self.extensions.persisted_query
        return persisted.sha256_hash if persisted else None

    @property
    def id(self) -> str | None:
        """Under what the text is known."""
        return self.document_id or self.hash

    def label(self, text: str) -> str | None:
        """Return a name for the log: `operationName`, or else the first name in the document's text."""
        if self.operation_name:
            return self.operation_name[:80]
        named = _NAMED(text)
        return named[1] if named else None


_decode = msgspec.json.Decoder(Operation).decode
_decode_extensions = msgspec.json.Decoder(_Extensions | None).decode
_decode_variables = msgspec.json.Decoder(dict[str, Any] | None).decode


def from_body(body: bytes) -> Operation:
    """Read the body of a POST.

    Raises:

        Refused: it is no JSON, no object, or one of other members than `Operation` has (400).
    """
    try:
        return _meant(_decode(body))
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
        return _meant(
            Operation(
                query=fields.get("query") or None,
                variables=_decode_variables(fields.get("variables") or "null"),
                operation_name=fields.get("operationName") or None,
                extensions=_decode_extensions(fields.get("extensions") or "null"),
                document_id=fields.get("documentId") or None,
            )
        )
    except (msgspec.DecodeError, ValueError, RecursionError) as error:
        raise _unreadable("The query string", error) from None


def _meant(asked: Operation) -> Operation:
    if asked.query is None and asked.id is None:
        message = (
            "There is no operation in the request: send POST with a JSON body, or GET with ?query=…, "
            f"or the documentId of a persisted document; people use /graphiql. {_FORM}"
        )
        raise Refused(400, "BAD_REQUEST", message)
    return asked


def _unreadable(what: str, error: Exception) -> Refused:
    if isinstance(error, RecursionError):
        why = "it is nested too deeply"
    elif isinstance(error, UnicodeDecodeError):
        why = "it is not UTF-8"
    else:
        why = str(error)
    return Refused(400, "BAD_REQUEST", f"{what} cannot be read: {why}. {_FORM}")
