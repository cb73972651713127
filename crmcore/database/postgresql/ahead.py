"""Statements that travel with another one: PostgreSQL takes several before it answers, and each answer is a round trip.

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
from crmcore.database.values import checked, unencodable

__all__ = ["Ahead", "array_text", "travels"]

#: Statements that are kept prepared for this; what comes beyond is parsed each time.
_KEPT = 256
#: So many wait at most where there is a choice.
_ROOM = 40


_text_checked, _whole_checked, _number_checked = checked(str), checked(int), checked(float)


def _array(values: Sequence[Any]) -> bytes:
    return _sized(array_text(values))


def array_text(values: Sequence[Any]) -> str:
    """Write values as PostgreSQL reads an array of them.

    Raises:

        KeyError: one is of a type that is not written.
        Invalid: a number is too large or not finite.
        ValueError: a naive instant.
    """
    # Many columns of rows that are written together have one value, which need not be looked at again and again.
    if not values:
        return "{}"
    first, count = values[0], len(values)
    if type(first) in _SAME and values.count(first) == count:
        return "{" + ",".join([_element(first)] * count) + "}"
    # Most others have one type.
    kind = type(first) if len(set(map(type, values))) == 1 else None
    if kind is str:
        # No text that PostgreSQL stores has a NUL in it.
        text = "\0".join(values)
        if text.count("\0") == count - 1:
            return '{"' + text.replace("\\", "\\\\").replace('"', '\\"').replace("\0", '","') + '"}'
    elif kind is UUID:
        return "{" + ",".join([f"{value.int:032x}" for value in values]) + "}"
    elif kind is not None:
        return "{" + ",".join(map(_TEXT[kind], values)) + "}"
    return "{" + ",".join([_element(value) for value in values]) + "}"


def _element(value: Any) -> str:
    if type(value) is not str:  # Nothing that stands for itself in an array is in the texts of the others.
        return _TEXT[type(value)](value)
    return '"' + value.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _sized(text: str) -> bytes:
    data = text.encode()
    return len(data).to_bytes(4) + data


def _text(value: str) -> bytes:
    return _sized(_text_checked(value))


def _id(value: UUID) -> bytes:
    # Half of what str() takes, and ids are half of what is written. PostgreSQL can do without the hyphens.
    return b"\0\0\0\x20%032x" % value.int


#: By type: the text from which the server reads the value; it knows from the statement of which type that is.
_TEXT: Mapping[type, Callable[[Any], str]] = {
    UUID: lambda value: f"{value.int:032x}",
    # What asyncpg reads ids as.
    asyncpg.pgproto.pgproto.UUID: lambda value: f"{value.int:032x}",
    int: str,
    float: lambda value: repr(_number_checked(value)),
    bool: {True: "t", False: "f"}.__getitem__,
    type(None): {None: "NULL"}.__getitem__,
    datetime: instants.wire,
    date: date.isoformat,
}
#: Types of which equal values are the same, and which are compared without a function of Python's.
_SAME = frozenset((str, type(None)))
_NULL = b"\xff\xff\xff\xff"
#: By type: the length and the text of a value that is not null.
_SIZED: Mapping[type, Callable[[Any], bytes]] = {
    str: _text,
    UUID: _id,
    asyncpg.pgproto.pgproto.UUID: _id,
    int: lambda value: _sized(str(_whole_checked(value))),
    bool: lambda value: b"\0\0\0\1t" if value else b"\0\0\0\1f",
    float: lambda value: _sized(repr(_number_checked(value))),
    datetime: lambda value: _sized(instants.wire(value)),
    date: lambda value: _sized(value.isoformat()),
    list: _array,
}


_TRAVELS = frozenset((*_SIZED, type(None)))


def travels(params: Sequence[Any]) -> bool:
    """Say whether a statement with such values can be sent ahead of another."""
    return _TRAVELS.issuperset(map(type, params))


class Ahead:
    """What waits to be sent before the next statement of one connection, or right behind it.

    Attributes:

        begun: whether a transaction was begun here that the server does not know of yet.
        fresh: statements that were prepared with what was added last; until `arrived` nobody knows whether they were.
        behind: what follows the next message that ends with a Sync, in front of that; empty if nothing does.
    """

    def __init__(self) -> None:
        self.begun = False
        self.fresh: list[str] = []
        self.behind = b""
        self._added = 0
        self._messages: list[bytes] = []
        self._names: dict[str, bytes] = {}
        self._count = 0

    @property
    def waiting(self) -> bool:
        """Whether there is anything."""
        return bool(self._messages)

    @property
    def room(self) -> bool:
        """Whether it is sensible to add something that could be sent as well."""
        return self._added < _ROOM

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

            Invalid: a text holds half of a character or U+0000, or a number is too large or not finite.
            ValueError: a naive instant.
        """
        try:
            data = b"".join([_NULL if value is None else _SIZED[type(value)](value) for value in params])
        except UnicodeEncodeError:
            raise unencodable() from None
        except KeyError:
            return False
        self._messages.append(self._executed(sql, len(params), data))
        self._added += 1
        return True

    def follow(self, sql: str) -> None:
        """Have a statement without values follow the next one."""
        self.behind = self._executed(sql, 0, b"")

    def with_behind(self, data: bytes) -> bytes:
        """Return a message with what follows it, if it is one that something can follow."""
        if not data.endswith(_SYNC):
            return data
        following, self.behind = self.behind, b""
        return data[: -len(_SYNC)] + following + _SYNC

    def take(self) -> bytes:
        """Return what is to be sent; from now on the server knows of it."""
        messages = b"".join(self._messages)
        self._clear()
        return messages

    def drop(self) -> None:
        """Forget what was not sent, and what may not have been prepared."""
        self._clear()
        self.behind = b""
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

    def _executed(self, sql: str, count: int, data: bytes) -> bytes:
        parsed, name = b"", self._names.get(sql)
        if name is None:
            name = self._named(sql)
            parsed = _message(b"P", name + b"\0" + sql.encode() + b"\0\0\0")
        # No format codes: every value is a text. Portal and results: the unnamed one, in any format.
        bound = b"\0" + name + b"\0" + pack("!hh", 0, count) + data + b"\0\0"
        return parsed + _message(b"B", bound) + _EXECUTE

    def _named(self, sql: str) -> bytes:
        if len(self._names) >= _KEPT:
            return b""
        # Never the same name twice: nobody knows what became of one that failed.
        self._count += 1
        self._names[sql] = b"crm_ahead_%d" % self._count
        self.fresh.append(sql)
        return self._names[sql]


def _message(kind: bytes, body: bytes) -> bytes:
    return kind + pack("!i", len(body) + 4) + body


_EXECUTE = _message(b"E", b"\0" + pack("!i", 0))
_SYNC = _message(b"S", b"")
