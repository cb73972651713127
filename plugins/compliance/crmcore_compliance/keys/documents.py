"""Documents under our signature: certificates, manifests, receipts."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from typing import Any

import msgspec

from crmcore import Database
from crmcore_compliance.crypto.signing import verify
from crmcore_compliance.state import compliance_of

__all__ = ["OWN", "canonical", "is_signed", "signed"]

#: What a signature does not cover: itself, and the proof that what it signs is in the log, which comes after it.
OWN = ("sha256", "signature", "inclusion")

_encoder = msgspec.json.Encoder(order="deterministic")


def canonical(value: Any) -> bytes:
    """Write a value as JSON in the one form that is signed (RFC 8785 for what is used here: no floats)."""
    return _encoder.encode(value)


async def signed(database: Database, body: Mapping[str, Any]) -> dict[str, Any]:
    """Return a document with digest and signature (Ed25519) over its canonical form."""
    signer = await compliance_of(database).keyring.signing_key()
    message = canonical(body)
    return {
        **body,
        "sha256": hashlib.sha256(message).hexdigest(),
        "signature": {
            "algorithm": "Ed25519",
            "keyId": signer.key_id,
            "publicKey": base64.b64encode(signer.public).decode(),
            "value": base64.b64encode(signer.sign(message)).decode(),
        },
    }


def is_signed(document: Mapping[str, Any], public: bytes | None = None) -> bool:
    """Say whether a signed document is as it was signed, by the key given or the one it names."""
    body = {name: value for name, value in document.items() if name not in OWN}
    message, said = canonical(body), document["signature"]
    if hashlib.sha256(message).hexdigest() != document["sha256"]:
        return False
    key = base64.b64decode(said["publicKey"]) if public is None else public
    return verify(key, base64.b64decode(said["value"]), message)
