"""One line of `crm doctor`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

__all__ = ["Finding", "broken", "fine", "warning"]


@dataclass(frozen=True)
class Finding:
    """What a check found.

    Attributes:

        check: what was looked at, one word.
        state: fine, a warning, or broken: `crm serve` would refuse or fail.
        message: what was found and, unless it is fine, what to do.
    """

    check: str
    state: Literal["fine", "warning", "broken"]
    message: str


def fine(check: str, message: str) -> Finding:
    """Make a finding that asks for nothing."""
    return Finding(check, "fine", message)


def warning(check: str, message: str) -> Finding:
    """Make a finding that should be seen to."""
    return Finding(check, "warning", message)


def broken(check: str, message: str) -> Finding:
    """Make a finding that must be seen to."""
    return Finding(check, "broken", message)
