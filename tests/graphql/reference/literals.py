"""Input values on their way into a document: as GraphQL literals, or as the JSON of variables."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

__all__ = ["Member", "Variable", "literal", "plain"]


@dataclass(frozen=True)
class Member:
    """A member of an enum."""

    name: str


@dataclass(frozen=True)
class Variable:
    """A mention of a variable."""

    name: str


def literal(value: Any) -> str:
    """Write a value as it stands in a document."""
    match value:
        case Variable(name):
            return f"${name}"
        case Member(name):
            return name
        case list():
            return f"[{', '.join(map(literal, value))}]"
        case dict():
            return f"{{{', '.join(f'{key}: {literal(inner)}' for key, inner in value.items())}}}"
    return json.dumps(value, ensure_ascii=False)


def plain(value: Any) -> Any:
    """Return a value as JSON."""
    match value:
        case Member(name):
            return name
        case list():
            return [plain(inner) for inner in value]
        case dict():
            return {key: plain(inner) for key, inner in value.items()}
    return value
