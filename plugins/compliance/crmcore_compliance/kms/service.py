"""What a key service does for the keystore: it wraps keys and never gives its own away."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple, Protocol

from crmcore import errors

__all__ = ["KeyGone", "KeyInfo", "KeyServiceDown", "KeysStay", "Kms", "Wrapped"]


class KeyServiceDown(errors.Unavailable):
    """The key service does not answer now; what is in memory goes on, new keys wait."""


class KeyGone(Exception):
    """The version of the key that wrapped something is destroyed, so that nobody can unwrap it any more."""


class KeysStay(Exception):
    """This key service cannot destroy a version of a key; the message says what an operator can do instead."""


class Wrapped(NamedTuple):
    """A key as only the key service can read it.

    Attributes:

        blob: what the service gave.
        version: of its key; destroying that version makes the blob worthless.
    """

    blob: bytes
    version: str


@dataclass(frozen=True, slots=True)
class KeyInfo:
    """What a key service says of its key.

    Attributes:

        uri: the key's address.
        version: with which it wraps now; empty if it has none yet.
        state: as the service calls it.
        created: when this version was made, None if the service does not say.
        protection: in words, what keeps the key itself from whoever steals a disk.
    """

    uri: str
    version: str
    state: str
    created: datetime | None
    protection: str


class Kms(Protocol):
    """One key of a key service, with its versions. All methods may raise `KeyServiceDown`."""

    #: Where the key is, as the setting `kms` says it.
    uri: str

    async def wrap(self, key: bytes, aad: bytes) -> Wrapped:
        """Wrap a key under the newest version; it is made if there is none."""

    async def unwrap(self, wrapped: Wrapped, aad: bytes) -> bytes:
        """Unwrap a key.

        Raises:

            KeyGone: the version is destroyed.
            Unreadable: it was altered, or is bound to something else.
        """

    async def rewrap(self, wrapped: Wrapped, aad: bytes) -> Wrapped:
        """Wrap a wrapped key under the newest version, where possible without its leaving the service."""

    async def rotate(self) -> str:
        """Make a new version, with which it wraps from now on; return the newest one where the service makes none."""

    async def destroy(self, version: str) -> datetime | None:
        """Destroy a version; return when it will be gone, None if it is.

        Raises:

            KeysStay: this service cannot.
        """

    async def describe(self) -> KeyInfo:
        """Say what state the key is in.

        Raises:

            SetupError: it cannot be used as things are; the message has the way out.
        """
