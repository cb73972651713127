"""What a struct's docstring says about its fields."""

from __future__ import annotations

import inspect
import re
from functools import cache

__all__ = ["attributes", "summary"]

_NAME = re.compile(r"^    (\w+): (.*)$")


@cache
def attributes(kind: type) -> dict[str, str]:
    """Read the `Attributes:` section: field name to its text, on one line."""
    _, _, section = (inspect.getdoc(kind) or "").partition("Attributes:\n")
    found: dict[str, str] = {}
    name = ""
    for line in section.splitlines():
        if match := _NAME.match(line):
            name, found[match[1]] = match[1], match[2]
        elif name and line.strip():
            found[name] += f" {line.strip()}"
    return found


def summary(kind: type) -> str:
    """Return the docstring's first paragraph, on one line."""
    return " ".join((inspect.getdoc(kind) or "").split("\n\n")[0].split())
