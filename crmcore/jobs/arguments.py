"""The arguments of a job: checked when it is put, JSON while it waits, values again when it runs."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping, Sequence
from typing import Any, get_type_hints

import msgspec

__all__ = ["Arguments"]


class Arguments:
    """What a job's function takes after its `Run`.

    Args:

        function: its parameters are annotated with types that msgspec can write as JSON and read again: text, numbers,
            UUID, datetime, `Money`, dataclasses, lists and so on.

    Raises:

        TypeError: a parameter has no annotation, or one that JSON has no room for; the message says which.
    """

    def __init__(self, function: Callable[..., Any]) -> None:
        self._where = f"{function.__module__}.{function.__qualname__}"
        signature = inspect.signature(function)
        first, *rest = signature.parameters.values()
        self._signature = signature.replace(parameters=rest)
        hints = _hints(function, first.name, self._where)
        self._struct = _struct(self._where, [(p, _hint(self._where, p, hints)) for p in rest])
        self._decoder = msgspec.json.Decoder(self._struct)

    def encode(self, args: tuple[Any, ...], kwargs: Mapping[str, Any]) -> str | None:
        """Return arguments as JSON, None if the function has no parameters.

        Raises:

            TypeError: one is missing, unknown or of the wrong type.
        """
        given = self._signature.bind(*args, **kwargs).arguments
        if not self._signature.parameters:
            return None
        try:
            checked = msgspec.convert(given, self._struct, from_attributes=True)
        except msgspec.ValidationError as error:
            msg = f"{self._where} cannot be put with these arguments: {error}."
            raise TypeError(msg) from None
        return msgspec.json.encode(checked).decode()

    def decode(self, text: str | None) -> dict[str, Any]:
        """Return what `encode` was given, by name.

        Raises:

            msgspec.ValidationError: the function takes other arguments by now.
        """
        return {} if text is None else msgspec.structs.asdict(self._decoder.decode(text))

    def values(self, text: str | None, names: Sequence[str]) -> list[Any]:
        """Return some of the values as JSON has them, defaults included."""
        decoded = self.decode(text)
        return [msgspec.to_builtins(decoded[name]) for name in names]


def _hints(function: Callable[..., Any], first: str, where: str) -> dict[str, Any]:
    # Not the first parameter's and not the result's: their names may be imported for type checkers only.
    kept = {n: a for n, a in function.__annotations__.items() if n not in (first, "return")}
    holder = type("holder", (), {"__annotations__": kept})
    try:
        return get_type_hints(holder, function.__globals__, include_extras=True)
    except NameError as error:
        msg = f"{where} has an annotation that cannot be read at run time ({error}); import the name outside of TYPE_CHECKING."
        raise TypeError(msg) from None


def _hint(where: str, parameter: inspect.Parameter, hints: Mapping[str, Any]) -> Any:
    if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
        msg = f"{where}(*{parameter.name}) takes any arguments; name them, so that they can be checked and kept."
        raise TypeError(msg)
    if parameter.name not in hints:
        msg = f"{where}({parameter.name}) has no annotation; say what it is, so that it can be kept as JSON and read again."
        raise TypeError(msg)
    return hints[parameter.name]


def _struct(where: str, parameters: list[tuple[inspect.Parameter, Any]]) -> type[msgspec.Struct]:
    fields: list[Any] = [
        (p.name, hint) if p.default is p.empty else (p.name, hint, p.default) for p, hint in parameters
    ]
    struct = msgspec.defstruct("Arguments", fields, kw_only=True, forbid_unknown_fields=True, omit_defaults=True)
    try:
        msgspec.json.Decoder(struct)
    except TypeError as error:
        msg = f"{where} has a parameter that JSON has no room for: {error}"
        raise TypeError(msg) from None
    return struct
