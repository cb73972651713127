"""Codes of vouchers: 135 random bits in letters that nobody confuses, and a check character.

Guessing is hopeless, so a plain SHA-256 is enough to keep a code by. A keyed hash would help only somebody whose database
leaked while codes were short; and the key would be one more secret to keep, back up and change.
"""

from __future__ import annotations

import secrets
from hashlib import sha256

from crmcore_loyalty.program.numbers import check_character

__all__ = ["digest", "new", "plain"]

#: Crockford's base 32: neither I, L, O nor U.
_LETTERS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_RANDOM = 27
_READ = str.maketrans({"I": "1", "L": "1", "O": "0", "-": None, " ": None})


def new() -> str:
    """Make a code: seven groups of four, as people read them out."""
    while True:
        drawn = "".join(secrets.choice(_LETTERS) for _ in range(_RANDOM))
        code = drawn + check_character(drawn)
        # Read as another letter, it would be the check character of another code.
        if code == code.translate(_READ):
            break
    return "-".join(code[n : n + 4] for n in range(0, len(code), 4))


def plain(written: str) -> str | None:
    """Return a code as it is digested, however it was written; None if it was misread, or is none at all."""
    code = written.strip().upper().translate(_READ)
    drawn = code[:_RANDOM]
    if len(code) != _RANDOM + 1 or not set(drawn) <= set(_LETTERS) or check_character(drawn) != code[-1]:
        return None
    return drawn


def digest(plain: str) -> str:
    """Return what a code is kept and looked up by."""
    return sha256(plain.encode()).hexdigest()
