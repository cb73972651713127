"""Instants: aware UTC inside, one fixed-width text outside."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec

__all__ = ["parse", "wire"]

_encode = msgspec.json.Encoder().encode


def wire(value: datetime) -> str:
    """Write an instant as `2026-01-31T09:30:00.000000Z`: sorts as text, the same on both databases.

    Raises:

        ValueError: the instant is naive, so nobody can know which moment it means.
    """
    if value.tzinfo is not UTC:
        if value.tzinfo is None:
            msg = f"{value.isoformat()} has no time zone; give an aware instant, for example 2026-01-31T09:30:00Z."
            raise ValueError(msg)
        value = value.astimezone(UTC)
    if type(value) is not datetime:
        return value.isoformat(timespec="microseconds").removesuffix("+00:00") + "Z"
    # In a fifth of that time; between quotation marks, and without a fraction that is nothing.
    text = _encode(value).decode()
    return text[1:-1] if value.microsecond else f"{text[1:-2]}.000000Z"


def parse(text: str) -> datetime:
    """Read an ISO 8601 / RFC 3339 instant with an offset into aware UTC.

    Raises:

        ValueError: no instant, or one without an offset.
    """
    value = datetime.fromisoformat(text)
    if value.tzinfo is None:
        msg = f"{text} has no time zone; add one, for example {text}Z."
        raise ValueError(msg)
    return value.astimezone(UTC)
