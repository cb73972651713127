"""Random secrets and their digests.

A secret has 256 random bits, so guessing is hopeless and a plain SHA-256 is enough to keep it by; a slow hash, as for
passwords, would make every request slow.
"""

from __future__ import annotations

import secrets
from hashlib import sha256

__all__ = ["digest", "new"]


def new() -> str:
    """Make a secret of 43 URL-safe characters."""
    return secrets.token_urlsafe(32)


def digest(secret: str) -> str:
    """Return what a secret is kept and looked up by."""
    return sha256(secret.encode(errors="surrogatepass")).hexdigest()
