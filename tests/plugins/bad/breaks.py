"""A plugin whose own tests know that it is wrong."""

from __future__ import annotations

plugin_name = "breaks"


def add(one: int, other: int) -> int:
    """Add two numbers."""
    return one - other
