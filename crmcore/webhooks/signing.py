"""Signatures as Standard Webhooks 1.0 has them: who holds the secret can tell that a message is ours, whole and fresh."""

from __future__ import annotations

import hmac
import os
from base64 import b64decode, b64encode
from collections.abc import Iterable, Mapping
from datetime import datetime

__all__ = ["SECRET_PREFIX", "new_secret", "signed"]

#: How every secret starts, so that scanners of source code can find one that leaked.
SECRET_PREFIX = "whsec_"  # noqa: S105 - the mark of secrets, none itself
#: The specification wants 24 to 64.
_SECRET_BYTES = 32


def new_secret() -> str:
    """Make a secret: `whsec_` and base64 of 32 random bytes."""
    return SECRET_PREFIX + b64encode(os.urandom(_SECRET_BYTES)).decode()


def signed(message_id: str, at: datetime, body: bytes, secrets: Iterable[str]) -> Mapping[str, str]:
    """Return the headers that prove where a message comes from.

    Args:

        message_id: the same in every attempt; by it a receiver knows that it has seen the message.
        at: when this attempt is made, aware UTC; receivers refuse what is minutes old.
        body: as it is sent, to the byte.
        secrets: all that count now; a receiver takes the message if it knows one of them.
    """
    stamp = str(int(at.timestamp()))
    content = f"{message_id}.{stamp}.".encode() + body
    signatures = (f"v1,{b64encode(_hmac(secret, content)).decode()}" for secret in secrets)
    return {"webhook-id": message_id, "webhook-timestamp": stamp, "webhook-signature": " ".join(signatures)}


def _hmac(secret: str, content: bytes) -> bytes:
    return hmac.digest(b64decode(secret.removeprefix(SECRET_PREFIX)), content, "sha256")
