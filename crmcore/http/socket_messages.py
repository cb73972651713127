"""The messages of graphql-transport-ws, read and written (github.com/enisdenjo/graphql-ws, PROTOCOL.md)."""

from __future__ import annotations

from typing import Any, Union

import msgspec
from graphql import GraphQLError

from crmcore.graphql.requests.answer import to_json
from crmcore.http.operation import Operation

__all__ = [
    "ACK",
    "PROTOCOL",
    "Complete",
    "Incoming",
    "Init",
    "Malformed",
    "Ping",
    "Pong",
    "Subscribe",
    "complete",
    "error",
    "next_head",
    "pong",
    "read",
]

PROTOCOL = "graphql-transport-ws"
ACK = '{"type":"connection_ack"}'

#: Longer ids would make every answer longer; clients use a few characters or a UUID.
_LONGEST_ID = 128


class Init(msgspec.Struct, frozen=True, tag="connection_init"):
    """The client wants to begin."""

    payload: dict[str, Any] | None = None


class Ping(msgspec.Struct, frozen=True, tag="ping"):
    """The client wants to know whether we are there."""

    payload: dict[str, Any] | None = None


class Pong(msgspec.Struct, frozen=True, tag="pong"):
    """The client is there."""

    payload: dict[str, Any] | None = None


class Subscribe(msgspec.Struct, frozen=True, tag="subscribe"):
    """The client asks for an operation, of whatever kind."""

    id: str
    payload: Operation


class Complete(msgspec.Struct, frozen=True, tag="complete"):
    """The client wants no more answers."""

    id: str


Incoming = Union[Init, Ping, Pong, Subscribe, Complete]


class Malformed(Exception):
    """A text that is no message of the protocol; the message says why."""


_decode = msgspec.json.Decoder(Incoming).decode


def read(text: str) -> Incoming:
    """Read a message.

    Raises:

        Malformed: it is none.
    """
    try:
        message: Incoming = _decode(text)
    except (msgspec.DecodeError, UnicodeEncodeError, RecursionError) as problem:
        msg = f"Invalid message: {problem}"
        raise Malformed(msg) from None
    if isinstance(message, Subscribe | Complete) and not 0 < len(message.id) <= _LONGEST_ID:
        msg = f"Invalid message: the id must have 1 to {_LONGEST_ID} characters"
        raise Malformed(msg)
    if isinstance(message, Subscribe) and message.payload.query is None and message.payload.id is None:
        msg = "Invalid message: the payload of subscribe has no query"
        raise Malformed(msg)
    return message


def next_head(id: str) -> str:
    """Return what stands before the answer in a message that gives one; `}` stands after it."""
    return f'{{"id":{_text(id)},"type":"next","payload":'


def error(id: str, errors: list[GraphQLError]) -> str:
    """Write that an operation could not begin."""
    return f'{{"id":{_text(id)},"type":"error","payload":{_text([e.formatted for e in errors])}}}'


def complete(id: str) -> str:
    """Write that an operation gives no more answers."""
    return f'{{"id":{_text(id)},"type":"complete"}}'


def pong(payload: dict[str, Any] | None) -> str:
    """Write that we are there, with what came along with the question."""
    return '{"type":"pong"}' if payload is None else f'{{"type":"pong","payload":{_text(payload)}}}'


def _text(value: Any) -> str:
    return to_json(value).decode()
