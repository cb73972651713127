"""A small disk in memory that can be filled to the last byte."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

__all__ = ["Disk"]

_PIECE = b"\0" * (1 << 20)


class Disk:
    """A tmpfs on a folder.

    Args:

        folder: where it is mounted.
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._ballast = folder / "ballast"

    def mount(self, megabytes: int) -> bool:
        """Mount it; False where this machine does not let us."""
        words = ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m,mode=0755", "crm-faults", str(self._folder)]
        return subprocess.run(words, capture_output=True, timeout=10, check=False).returncode == 0

    def unmount(self) -> None:
        """Unmount it, now or when nobody uses it any more."""
        subprocess.run(["umount", "--lazy", str(self._folder)], capture_output=True, timeout=10, check=False)

    def fill(self) -> None:
        """Take all the space that is left."""
        file = os.open(self._ballast, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        try:
            for piece in (_PIECE, _PIECE[:4096]):
                while _written(file, piece):
                    pass
        finally:
            os.close(file)

    def free(self) -> None:
        """Give the space back."""
        self._ballast.unlink(missing_ok=True)


def _written(file: int, piece: bytes) -> bool:
    try:
        return os.write(file, piece) > 0
    except OSError:  # ENOSPC: that is the point
        return False
