"""Why nothing was written, with the lines to write by hand where there are such."""

from __future__ import annotations

from collections.abc import Iterable

from crmcore.errors import SetupError

__all__ = ["ByHand", "refused"]


class ByHand(Exception):
    """A file is not in the shape in which a program can edit it.

    Attributes:

        why: what stands in the way.
        lines: what a person is to add there.
    """

    def __init__(self, why: str, lines: str) -> None:
        super().__init__(why)
        self.why, self.lines = why, lines


def refused(problems: str | Iterable[str]) -> SetupError:
    """Return the error that ends a command before it has written anything."""
    return SetupError("not-scaffolded", [problems] if isinstance(problems, str) else list(problems))
