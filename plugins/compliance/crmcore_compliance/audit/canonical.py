"""The bodies of entries, byte for byte: canonical JSON (RFC 8785) of texts, whole numbers, truth values, lists and objects."""

from __future__ import annotations

from hashlib import sha256
from typing import Any

import msgspec

__all__ = ["AccessBody", "EventBody", "canonical", "digest"]

_encoder = msgspec.json.Encoder(order="deterministic")
_LARGEST = 2**53


class EventBody(msgspec.Struct, frozen=True):
    """What the log says of a change: its fields stand in the order of RFC 8785."""

    actor: str | None
    at: str
    by: str
    entity: str
    id: str
    kind: str
    record: str
    request: str | None
    texts: str
    type: str
    v: int = 1


class AccessBody(msgspec.Struct, frozen=True):
    """What the log says of an access to sensitive data."""

    actor: str | None
    at: str
    by: str
    entity: str
    field: str
    id: str
    kind: str
    outcome: str
    purpose: str | None
    records: int
    request: str | None
    texts: str
    type: str
    v: int = 1


def canonical(value: Any) -> bytes:
    """Return the canonical JSON of a value; keys are ASCII.

    Raises:

        TypeError: a number is no whole one below 2^53, or a key is not ASCII: of those, writers differ.
    """
    _check(value)
    return _encoder.encode(value)


def digest(salt: bytes, *texts: str | None) -> str:
    """Return a salted digest of texts; without the salt it says nothing about them."""
    whole = sha256(salt)
    for text in texts:
        if text is None:
            whole.update(b"\0")
        else:
            said = text.encode()
            whole.update(b"\1" + len(said).to_bytes(8) + said)
    return whole.hexdigest()


def _check(value: Any) -> None:
    if isinstance(value, dict):
        if not all(isinstance(key, str) and key.isascii() for key in value):
            msg = "The audit log takes objects with ASCII keys only."
            raise TypeError(msg)
        for one in value.values():
            _check(one)
    elif isinstance(value, list | tuple):
        for one in value:
            _check(one)
    elif isinstance(value, float) or (isinstance(value, int) and abs(value) >= _LARGEST):
        msg = f"The audit log takes whole numbers below 2^53, not {value}; give a text."
        raise TypeError(msg)
