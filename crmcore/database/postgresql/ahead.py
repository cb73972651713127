"""Statements that travel with the next one: PostgreSQL takes several before it answers, and each answer is a round trip.

Frontend messages of the extended query protocol (PostgreSQL's documentation, "Message Formats"), without a Sync: the server
goes on to the next statement, and after an error skips everything up to the Sync that this one ends with.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import date, datetime
from struct import pack
from typing import Any
from uuid import UUID

import asyncpg.pgproto.pgproto

from crmcore.database import instants
from crmcore.database.values import unencodable

__all__ = ["Ahead"]

#: Statements that are kept prepared for this; what comes beyond is parsed each time.
_KEPT = 64


def _array(values: Sequence[Any]) -> bytes:
    return _sized("{" + ",".join([_element(value) for value in values]) + "}")


def _element(value: Any) -> str:
    if value is None:
        return "NULL"
    text = value if type(value) is str else _TEXT[type(value)](value)
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _sized(text: str) -> bytes:
    data = text.encode()
    return pack("!i", len(data)) + data


def _id(value: UUID) -> bytes:
    # Half of what str() takes, and ids are half of what is written. PostgreSQL can do without the hyphens.
    return b"\0\0\0\x20%032x" % value.int


#: By type: the text from which the server reads the value; it knows from the statement of which type that is.
_TEXT: Mapping[type, Callable[[Any], str]] = {
    UUID: str,
    # What asyncpg reads ids as.
    asyncpg.pgproto.pgproto.UUID: str,
    int: str,
    bool: lambda value: "t" if value else "f",
    datetime: instants.wire,
    date: date.isoformat,
}
#: By type: the length and the text of a value; -1 and nothing of none.
_SIZED: Mapping[type, Callable[[Any], bytes]] = {
    str: _sized,
    type(None): lambda _: b"\xff\xff\xff\xff",
    UUID: _id,
    asyncpg.pgproto.pgproto.UUID: _id,
    int: lambda value: _sized(str(value)),
    bool: lambda value: b"\0\0\0\1t" if value else b"\0\0\0\1f",
    datetime: lambda value: _sized(instants.wire(value)),
    date: lambda value: _sized(value.isoformat()),
    list: _array,
}


class Ahead:
    """What waits to be sent before the next statement of one connection.

    Attributes:

        begun: whether a transaction was begun here that the server does not know of yet.
        fresh: statements that were prepared with what was added last; until `arrived` nobody knows whether they were.
    """

    def __init__(self) -> None:
        self.begun = False
        self.fresh: list[str] = []
        self._added = 0
        self._messages: list[bytes] = []
        self._names: dict[str, bytes] = {}
        self._count = 0

    @property
    def waiting(self) -> bool:
        """Whether there is anything."""
        return bool(self._messages)

    @property
    def empty(self) -> bool:
        """Whether a transaction was begun, and nothing else in it."""
        return self.begun and self._added == 1

    def begin(self, sql: str) -> None:
        """Begin a transaction with the next statement."""
        self.begun = True
        self.add(sql, ())

    def add(self, sql: str, params: Sequence[Any]) -> bool:
        """Add a statement that gives no rows; lists are arrays. Return False if it has a value of another type.

        Raises:

            Invalid: a text holds half of a character.
        """
        try:
            data = b"".join([_SIZED[type(value)](value) for value in params])
        except UnicodeEncodeError:
            raise unencodable() from None
        except KeyError:
            return False
        name = self._names.get(sql)
        if name is None:
            name = self._prepare(sql)
        # No format codes: every value is a text. Portal and results: the unnamed one, in any format.
        bound = b"\0" + name + b"\0" + pack("!hh", 0, len(params)) + data + b"\0\0"
        self._messages.append(_message(b"B", bound) + _EXECUTE)
        self._added += 1
        return True

    def take(self) -> bytes:
        """Return what is to be sent; from now on the server knows of it."""
        messages = b"".join(self._messages)
        self._clear()
        return messages

    def drop(self) -> None:
        """Forget what was not sent, and what may not have been prepared."""
        self._clear()
        for sql in self.fresh:
            del self._names[sql]
        self.fresh.clear()

    def arrived(self) -> None:
        """Note that the server has run all that was taken."""
        self.fresh.clear()

    def _clear(self) -> None:
        self._messages.clear()
        self._added = 0
        self.begun = False

    def _prepare(self, sql: str) -> bytes:
        name = b""
        if len(self._names) < _KEPT:
            # Never the same name twice: nobody knows what became of one that failed.
            self._count += 1
            name = self._names[sql] = b"crm_ahead_%d" % self._count
            self.fresh.append(sql)
        self._messages.append(_message(b"P", name + b"\0" + sql.encode() + b"\0\0\0"))
        return name


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + pack("!i", len(body) + 4) + body


_EXECUTE = _message(b"E", b"\0" + pack("!i", 0))
