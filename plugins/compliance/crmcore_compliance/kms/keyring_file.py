"""The file behind `file://`: versions of a key as JSON, each sealed, written so that a crash leaves the old or the new file."""

from __future__ import annotations

import fcntl
import os
from base64 import b64decode, b64encode
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import Final, Literal, NoReturn

import msgspec

from crmcore import clock
from crmcore.errors import SetupError

__all__ = ["Entry", "KeyringFile", "text"]

_FORMAT: Final = "crm-keyring-1"
_MODE: Final = 0o600


class Entry(msgspec.Struct, omit_defaults=True):
    """One version of the key.

    Attributes:

        version: 1, 2, 3 ….
        created: when it was made.
        state: a destroyed one keeps its place, so that its number is not given again.
        protection: what seals it: `argon2id` or the URI of a key in the environment.
        sealed: the key, base64; empty once it is destroyed.
        salt: of Argon2id, base64.
        memory: of Argon2id, in KiB.
        passes: of Argon2id.
        lanes: of Argon2id.
        destroyed: when it was destroyed.
    """

    version: str
    created: datetime
    protection: str
    sealed: str
    state: Literal["ENABLED", "DESTROYED"] = "ENABLED"
    salt: str = ""
    memory: int = 0
    passes: int = 0
    lanes: int = 0
    destroyed: datetime | None = None

    @property
    def blob(self) -> bytes:
        """The sealed key."""
        return b64decode(self.sealed)

    def destroy(self) -> None:
        """Forget the key."""
        self.sealed, self.state, self.destroyed = "", "DESTROYED", clock.now()


class _Content(msgspec.Struct):
    format: str
    keys: list[Entry]


class KeyringFile:
    """The file; only its owner may read it.

    Args:

        path: where it is, or will be.
    """

    def __init__(self, path: Path) -> None:
        self.path = path

    def read(self) -> list[Entry]:
        """Return all versions, the newest last; none if there is no file.

        Raises:

            SetupError: it is no keyring, or others may read it.
        """
        if not self.path.exists():
            return []
        if (mode := self.path.stat().st_mode & 0o077) != 0:
            self._refuse(f"others than its owner may use it (mode {mode:03o} too many); run `chmod 600 {self.path}`")
        try:
            content = msgspec.json.decode(self.path.read_bytes(), type=_Content)
        except msgspec.DecodeError as error:
            self._refuse(f"it is no keyring ({error}); restore it from its backup")
        if content.format != _FORMAT:
            self._refuse(f"its format is {content.format!r}, not {_FORMAT!r}; use the version that wrote it")
        return content.keys

    @contextmanager
    def changing(self) -> Iterator[list[Entry]]:
        """Give the versions to a block that changes them, alone among all processes; written when the block ends.

        Raises:

            SetupError: as for `read`.
        """
        if not self.path.absolute().parent.is_dir():
            self._refuse(f"the folder {self.path.absolute().parent} does not exist; make it, or name another file")
        lock = os.open(self.path.with_name(f"{self.path.name}.lock"), os.O_CREAT | os.O_RDWR, _MODE)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX)
            entries = self.read()
            yield entries
            self._write(entries)
        finally:
            os.close(lock)

    def _write(self, entries: list[Entry]) -> None:
        text = msgspec.json.format(msgspec.json.encode(_Content(_FORMAT, entries)), indent=2)
        new = self.path.with_name(f"{self.path.name}.new")
        descriptor = os.open(new, os.O_CREAT | os.O_WRONLY | os.O_TRUNC, _MODE)
        with os.fdopen(descriptor, "wb") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        new.replace(self.path)
        folder = os.open(self.path.absolute().parent, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    def _refuse(self, why: str) -> NoReturn:
        msg = f"The keyring {self.path} cannot be used: {why}."
        raise SetupError("compliance-key-service", [msg])


def text(value: bytes) -> str:
    """Write bytes as base64."""
    return b64encode(value).decode()
