"""A key in memory: seals and opens values of one subject, or of nobody in particular."""

from __future__ import annotations

from typing import Any, Final
from uuid import UUID

from crmcore import errors
from crmcore_compliance.crypto.errors import Unreadable
from crmcore_compliance.crypto.suites import Cipher, suite_of
from crmcore_compliance.crypto.wire import header, open_wire, seal_wire
from crmcore_compliance.keys.states import OPENS, SEALS, KeyState

__all__ = ["UNLIMITED", "Key"]

#: So many values no subject will ever have; only keys of many subjects are counted.
UNLIMITED: Final = 2**62


class Key:
    """A data key.

    Args:

        id: 32 bits, in every ciphertext.
        subject: whose data it seals, None for data of nobody in particular.
        suite: by name.
        state: see `KeyState`.
        secret: the key itself.
        left: how many values it may still seal.

    Attributes:

        aead: the cipher, for those who seal very many values; they call `count` first.
        header: what its ciphertexts begin with.
        ready: for those who seal or open very many values: what they have made of it.
    """

    __slots__ = ("_left", "aead", "header", "id", "ready", "state", "subject", "suite")

    def __init__(
        self, id: int, subject: UUID | None, suite: str, state: KeyState, secret: bytes, left: int = UNLIMITED
    ) -> None:
        self.id, self.subject, self.suite, self.state = id, subject, suite, state
        self.aead: Cipher = suite_of(suite).cipher(secret)
        self.header = header(id)
        self.ready: Any = None
        self._left = left

    @property
    def left(self) -> int:
        """How many values it may seal before `Keyring.subject_key` has to be asked again."""
        return self._left

    def count(self, values: int) -> None:
        """Note that so many values are sealed with it.

        Raises:

            Unavailable: it may not seal, or not so many; ask for the subject's current key.
        """
        if self.state not in SEALS:
            msg = f"Key {self.id} is {self.state} and seals nothing any more; ask for the current key."
            raise errors.Unavailable(msg)
        if self._left < values:
            msg = f"Key {self.id} has sealed as many values as it may (SP 800-38D); ask for the current key."
            raise errors.Unavailable(msg)
        self._left -= values

    def grant(self, values: int) -> None:
        """Let it seal so many values more."""
        self._left += values

    def seal(self, aad: bytes, plain: bytes) -> bytes:
        """Return a ciphertext in Tink's wire format.

        Raises:

            Unavailable: see `count`.
        """
        self.count(1)
        return seal_wire(self.aead, self.header, plain, aad)

    def open(self, aad: bytes, wire: bytes) -> bytes:
        """Return what was sealed.

        Raises:

            Unreadable: it was altered or moved, or the key may not open.
        """
        if self.state not in OPENS:
            cause = f"key {self.id} is {self.state}."
            raise Unreadable.because(cause)
        return open_wire(self.aead, self.header, wire, aad)

    def __repr__(self) -> str:
        # The secret stays out of logs and tracebacks.
        return f"<Key {self.id} {self.suite} {self.state}>"
