"""Python source of calls and literals, laid out as the formatter would."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import MISSING, dataclass, fields
from typing import Any

__all__ = ["Call", "call_of", "written"]

_WIDTH = 120
_INDENT = "    "


@dataclass(frozen=True, slots=True)
class Call:
    """A call in source text: a name, and arguments that are calls, tuples of them, or literals."""

    name: str
    positional: tuple[Any, ...] = ()
    named: tuple[tuple[str, Any], ...] = ()


def call_of(shape: Any, names: dict[type, str]) -> Any:
    """Return the call that makes a frozen dataclass, defaults left out, dataclasses within it likewise."""
    if isinstance(shape, tuple):
        return tuple(call_of(member, names) for member in shape)
    if type(shape) not in names:
        return shape
    positional, named = [], []
    for field in fields(shape):
        value = getattr(shape, field.name)
        if field.default is MISSING:
            positional.append(call_of(value, names))
        elif value != field.default:
            named.append((field.name, call_of(value, names)))
    return Call(names[type(shape)], tuple(positional), tuple(named))


def written(value: Any, depth: int, taken: int = 0) -> str:
    """Return the source.

    Args:

        value: a call, a tuple or list, a literal.
        depth: how far it is indented, in steps of four.
        taken: characters on its line besides itself.
    """
    flat = _flat(value)
    if len(flat) + len(_INDENT) * depth + taken <= _WIDTH and not _always_long(value):
        return flat
    if isinstance(value, Call):
        parts = [("", member) for member in value.positional] + [(f"{name}=", member) for name, member in value.named]
        return _long(f"{value.name}(", parts, ")", depth)
    if isinstance(value, tuple):
        return _long("(", [("", member) for member in value], ")", depth)
    return flat


def _long(opening: str, parts: Sequence[tuple[str, Any]], closing: str, depth: int) -> str:
    lines = [f"{_INDENT * (depth + 1)}{name}{written(member, depth + 1, len(name) + 1)},\n" for name, member in parts]
    return f"{opening}\n{''.join(lines)}{_INDENT * depth}{closing}"


def _always_long(value: Any) -> bool:
    if isinstance(value, tuple) and len(value) > 1:
        return any(isinstance(member, Call) for member in value)
    return isinstance(value, Call) and any(map(_always_long, value.positional))


def _flat(value: Any) -> str:
    if isinstance(value, Call):
        return (
            f"{value.name}({', '.join([*map(_flat, value.positional), *(f'{n}={_flat(v)}' for n, v in value.named)])})"
        )
    if isinstance(value, tuple):
        return f"({_flat(value[0])},)" if len(value) == 1 else f"({', '.join(map(_flat, value))})"
    if isinstance(value, list):
        return f"[{', '.join(map(_flat, value))}]"
    if isinstance(value, dict):
        return f"{{{', '.join(f'{_flat(k)}: {_flat(v)}' for k, v in value.items())}}}"
    return json.dumps(value, ensure_ascii=False) if isinstance(value, str) else repr(value)
