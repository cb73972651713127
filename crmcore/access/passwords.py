"""Passwords: what is acceptable, and Argon2id with the low-memory parameters of RFC 9106, section 4.

Hashing takes tens of milliseconds and 64 MiB, so it runs on two threads of its own: the loop is never blocked, and many
sign-ins at once queue up instead of taking the memory of the machine.
"""

from __future__ import annotations

import asyncio
import unicodedata
from collections.abc import Collection
from concurrent.futures import ThreadPoolExecutor
from functools import cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from argon2.profiles import RFC_9106_LOW_MEMORY

__all__ = ["LONGEST", "NOBODYS", "SHORTEST", "fault", "hashed", "is_outdated", "verify"]

#: Characters a password has at least and at most.
SHORTEST, LONGEST = 12, 1024

#: A hash that no password has, with the parameters of all others: checking against it takes as long as against a real one.
NOBODYS = "$argon2id$v=19$m=65536,t=3,p=4$bm9ib2R5IGhhcyB0aGlzIQ$VGhpcyBpcyB0aGUgaGFzaCBvZiBubyBwYXNzd29yZC4"

_hasher = PasswordHasher.from_parameters(RFC_9106_LOW_MEMORY)


@cache
def _threads() -> ThreadPoolExecutor:
    return ThreadPoolExecutor(max_workers=2, thread_name_prefix="crm-passwords")


def fault(password: str, known: Collection[str | None] = ()) -> str | None:
    """Say in a sentence what speaks against a new password; None if nothing does.

    Length counts and rules about kinds of characters do not (NIST SP 800-63B, section 3.1.1.2).

    Args:

        password: the password.
        known: texts it must not be, such as the person's name and e-mail address.
    """
    plain = _normal(password)
    if not SHORTEST <= len(plain) <= LONGEST:
        return (
            f"A password has {SHORTEST} to {LONGEST} characters, this one has {len(plain)}; a sentence is a good one."
        )
    if len(set(plain)) < 4 or plain.casefold() in {_normal(text).casefold() for text in known if text}:
        return "This password is too easy to guess; take a sentence that only you would think of."
    return None


async def hashed(password: str) -> str:
    """Return a password's hash with a salt of its own, to be stored."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), _hasher.hash, _octets(password))


async def verify(hash: str, password: str) -> bool:
    """Say whether a password has a hash."""
    return await asyncio.get_running_loop().run_in_executor(_threads(), _verify, hash, password)


def is_outdated(hash: str) -> bool:
    """Say whether a hash was made with other parameters than today's."""
    return _hasher.check_needs_rehash(hash)


def _verify(hash: str, password: str) -> bool:
    # What cannot be anybody's password costs the same as a wrong one.
    try:
        return _hasher.verify(hash, _octets(password) if len(password) <= LONGEST else b"")
    except VerifyMismatchError:
        return False


def _octets(password: str) -> bytes:
    # Half a surrogate pair is wrong as a password, and no reason to fail.
    return _normal(password).encode(errors="surrogatepass")


def _normal(password: str) -> str:
    # Keyboards compose characters differently: é typed on one must match é typed on another.
    return unicodedata.normalize("NFKC", password)
