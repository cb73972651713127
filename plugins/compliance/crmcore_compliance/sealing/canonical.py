"""Values as the bytes that are sealed, and back; a tag for each kind, bound to the ciphertext, keeps kinds apart."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from crmcore import instants, kinds
from crmcore.entities.kinds import Kind

__all__ = ["CANONICAL", "Canonical", "of_stored"]

_BLOCK: Final = 16


@dataclass(frozen=True, slots=True)
class Canonical:
    """How values of one kind become bytes.

    Attributes:

        tag: stands for the kind in what is bound to a ciphertext.
        encode: from a Python value.
        decode: and back; ValueError for bytes that are none.
        text: from a Python value to the text that is compared in look-ups and stored while the column is plain.
        parse: from such a text to the Python value.
    """

    tag: bytes
    encode: Callable[[Any], bytes]
    decode: Callable[[bytes], Any]
    text: Callable[[Any], str]
    parse: Callable[[str], Any]


def _padded(value: str) -> bytes:
    # ISO/IEC 7816-4: members of a closed set would be told apart by their length.
    data = value.encode() + b"\x80"
    return data + bytes(-len(data) % _BLOCK)


def _unpadded(data: bytes) -> str:
    head, mark, rest = data.rpartition(b"\x80")
    if not mark or rest.strip(b"\x00"):
        msg = "padding"
        raise ValueError(msg)
    return head.decode()


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def _through(tag: bytes, text: Callable[[Any], str], parse: Callable[[str], Any]) -> Canonical:
    return Canonical(tag, lambda value: text(value).encode(), lambda data: parse(data.decode()), text, parse)


CANONICAL: Final[Mapping[Kind, Canonical]] = {
    kinds.TEXT: Canonical(b"t", str.encode, bytes.decode, str, str),
    kinds.ENUM: Canonical(b"e", _padded, _unpadded, str, str),
    kinds.DATE: _through(b"d", date.isoformat, date.fromisoformat),
    kinds.INT: _through(b"i", str, int),
    kinds.BIGINT: _through(b"i", str, int),
    kinds.FLOAT: _through(b"f", repr, float),
    kinds.INSTANT: _through(b"n", instants.wire, instants.parse),
    kinds.JSON: _through(b"j", _json, json.loads),
}


def of_stored(kind: Kind, raw: Any) -> Any:
    """Return the Python value of a plain one as a driver gives it, whatever type the column has by now; JSON is decoded."""
    return CANONICAL[kind].parse(raw) if isinstance(raw, str) and kind is not kinds.JSON else raw
