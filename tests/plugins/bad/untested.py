"""A plugin of which its tests look at one line."""

from __future__ import annotations

plugin_name = "untested"


def reached() -> int:
    """Return one."""
    return 1


def beyond(number: int) -> str:
    """Say something of a number."""
    if number < 0:
        return "small"
    if number > 100:
        return "large"
    return "well"
