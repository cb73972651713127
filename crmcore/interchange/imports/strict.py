"""From parsed TOML to structs, with everything that is wrong in one list."""

from __future__ import annotations

from collections.abc import Callable
from difflib import get_close_matches
from typing import Any, Literal, TypeVar, get_args, get_origin

import msgspec

__all__ = ["Problems", "build"]

S = TypeVar("S", bound=msgspec.Struct)

#: Where, and what is wrong there.
Problems = list[tuple[str, str]]


def build(type_: type[S], raw: dict[str, Any], problems: Problems, path: str = "") -> S | None:
    """Build a struct, looking into every part before giving up.

    Args:

        type_: the struct's class.
        raw: the parsed TOML table.
        problems: gets `(path, sentence)` for each thing that is wrong.
        path: where the table stands, for the problems.

    Returns:

        the struct, None if something was wrong in it.
    """
    known = {field.name: field for field in msgspec.structs.fields(type_)}
    before = len(problems)
    for name in raw.keys() - known.keys():
        problems.append((_join(path, name), _unknown(name, list(known))))
    found: dict[str, Any] = {}
    for name, field in known.items():
        if name in raw:
            found[name] = _value(field.type, raw[name], problems, _join(path, name))
        elif field.required:
            problems.append((_join(path, name), "is missing"))
    return type_(**found) if len(problems) == before else None


def _value(type_: Any, raw: Any, problems: Problems, path: str) -> Any:
    if isinstance(raw, dict):
        if (struct := _struct(type_)) is not None:
            return build(struct, raw, problems, path)
        if (inner := _inner(type_, dict)) is not None and _struct(inner) is not None:
            return {k: _value(inner, v, problems, _join(path, k)) for k, v in raw.items()}
    elif isinstance(raw, list) and (inner := _inner(type_, list)) is not None and _struct(inner) is not None:
        return [_value(inner, v, problems, f"{path}.{n}") for n, v in enumerate(raw, 1)]
    return _plain(type_, raw, problems, path)


def _plain(type_: Any, raw: Any, problems: Problems, path: str) -> Any:
    try:
        return msgspec.convert(raw, type_)
    except msgspec.ValidationError as problem:
        words = _first(type_, lambda t: get_origin(t) is Literal)
        sentence = f"must be one of {', '.join(map(repr, get_args(words)))}, not {raw!r}" if words else str(problem)
        problems.append((path, f"{sentence[:1].lower()}{sentence[1:]}"))
        return None


def _struct(type_: Any) -> type[msgspec.Struct] | None:
    found: type[msgspec.Struct] | None = _first(type_, lambda t: isinstance(t, type) and issubclass(t, msgspec.Struct))
    return found


def _inner(type_: Any, container: type) -> Any:
    found = _first(type_, lambda t: get_origin(t) is container)
    return get_args(found)[-1] if found is not None else None


def _first(type_: Any, fits: Callable[[Any], bool]) -> Any:
    if fits(type_):
        return type_
    members = get_args(type_) if get_origin(type_) not in (list, dict) else ()
    return next((t for t in members if fits(t)), None)


def _unknown(name: str, known: list[str]) -> str:
    close = get_close_matches(name, known, n=1)
    return f"is unknown; did you mean {close[0]}?" if close else f"is unknown; there are {', '.join(known)}"


def _join(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name
