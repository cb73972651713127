"""Codes of purposes and categories: what may stand in SQL as it is, and which category is below which."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Final

__all__ = ["is_category", "is_code", "within"]

_CODE: Final = re.compile(r"[a-z][a-z0-9_]*(?:[.-][a-z0-9_]+)*")
_LONGEST: Final = 80


def is_code(text: str) -> bool:
    """Say whether a text can be the code of a purpose, as in `marketing.newsletter`."""
    return len(text) <= _LONGEST and _CODE.fullmatch(text) is not None


def is_category(text: object) -> bool:
    """Say whether a value is written as a category of data, as in `user.contact.email`."""
    return isinstance(text, str) and re.fullmatch(r"(?:user|system)(?:\.[a-z0-9_]+)*", text) is not None


def within(category: str, named: Iterable[str]) -> bool:
    """Say whether a category is one of some, or below one."""
    return any(category == one or category.startswith(f"{one}.") for one in named)
