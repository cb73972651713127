"""Public names as lines of text: signatures, members, columns; the same on every machine and Python."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from enum import Enum
from functools import cached_property
from types import FunctionType, ModuleType
from typing import Any

import msgspec
from piccolo.table import Table

__all__ = ["described", "signature"]


def described(name: str, thing: Any) -> Iterator[str]:
    """Yield the lines of a public name.

    Args:

        name: how a plugin reaches it (`crmcore.columns.text`).
        thing: what that is.
    """
    if isinstance(thing, ModuleType):
        for each in sorted(thing.__all__):
            yield from described(f"{name}.{each}", getattr(thing, each))
    elif isinstance(thing, type):
        yield f"class {name}({', '.join(b.__name__ for b in thing.__bases__ if b is not object)})"
        yield from (f"    {line}" for line in _members(thing))
    elif isinstance(thing, FunctionType):
        yield f"{_async(thing)}def {name}{signature(thing)}"
    else:
        # What typing calls its aliases differs between versions of Python.
        kind = type(thing).__name__
        yield f"{name}: {'alias' if kind.startswith('_') or kind.endswith('Alias') else kind}"


def signature(function: Any) -> str:
    """Return a function's parameters with annotations and defaults as they are written, and what it returns."""
    said = inspect.signature(function)
    parts, keyword_only = [], False
    for parameter in said.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not keyword_only:
            keyword_only = True
            if not any(p.kind is p.VAR_POSITIONAL for p in said.parameters.values()):
                parts.append("*")
        stars = {parameter.VAR_POSITIONAL: "*", parameter.VAR_KEYWORD: "**"}.get(parameter.kind, "")
        keyword_only = keyword_only or stars == "*"
        note = "" if parameter.annotation is parameter.empty else f": {_note(parameter.annotation)}"
        default = "" if parameter.default is parameter.empty else f" = {_default(parameter.default)}"
        parts.append(f"{stars}{parameter.name}{note}{default}")
    returned = "" if said.return_annotation is said.empty else f" -> {_note(said.return_annotation)}"
    return f"({', '.join(parts)}){returned}"


def _members(cls: type) -> Iterator[str]:
    if issubclass(cls, Enum):
        yield from cls.__members__
    elif issubclass(cls, Table):
        # The last word of a column is its type in Python; what it is in the database, the migrations say.
        yield from (f"{c._meta.name}: {type(c).__name__}" for c in cls._meta.columns)
    elif issubclass(cls, msgspec.Struct):
        yield from (f"{f.name} = {_default(f.default)}" for f in msgspec.structs.fields(cls))
    elif dataclasses.is_dataclass(cls):
        own = inspect.get_annotations(cls)
        yield from (f"{f.name}: {_note(f.type)}{_default_of(f)}" for f in dataclasses.fields(cls) if f.name in own)
    for name, member in sorted(vars(cls).items()):
        if not name.startswith("_") or name in _SPECIAL:
            yield from _member(name, member, made=dataclasses.is_dataclass(cls))


_SPECIAL = ("__init__", "__call__", "__aenter__", "__aexit__", "__enter__", "__exit__", "__getitem__", "__iter__")


def _member(name: str, member: Any, *, made: bool) -> Iterator[str]:
    if name == "__init__" and made:
        return
    if isinstance(member, classmethod | staticmethod):
        yield f"@{type(member).__name__} {name}{signature(member.__func__)}"
    elif isinstance(member, property):
        yield f"{name} -> {_note(inspect.signature(member.fget).return_annotation)}"  # type: ignore[arg-type]
    elif isinstance(member, cached_property):
        yield f"{name} -> {_note(inspect.signature(member.func).return_annotation)}"
    elif isinstance(member, FunctionType):
        yield f"{_async(member)}{name}{signature(member)}"


def _default_of(field: dataclasses.Field[Any]) -> str:
    if field.default_factory is not dataclasses.MISSING:
        return " = ..."
    return "" if field.default is dataclasses.MISSING else f" = {_default(field.default)}"


def _default(value: Any) -> str:
    if isinstance(value, Enum):
        return f"{type(value).__name__}.{value.name}"
    if isinstance(value, frozenset):
        # Sets of texts have another order in every process.
        return f"{{{', '.join(sorted(map(_default, value)))}}}"
    return repr(value) if isinstance(value, bool | int | float | str | tuple | None) else "..."


def _note(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else getattr(annotation, "__name__", str(annotation))


def _async(function: Any) -> str:
    return "async " if inspect.iscoroutinefunction(function) else ""
