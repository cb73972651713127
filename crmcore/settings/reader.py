"""Values from a file and from variables become a struct; everything that is wrong is noted, not only the first."""

from __future__ import annotations

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Any, TypeVar, get_origin

import msgspec
from msgspec.structs import FieldInfo, fields

from crmcore.settings.describe import attributes

__all__ = ["Reader", "closest"]

S = TypeVar("S", bound=msgspec.Struct)

_LISTS = (tuple, list, set, frozenset)


def closest(word: str, known: list[str]) -> str:
    """Return the hint that ends a message about an unknown word."""
    close = get_close_matches(word, known, n=1)
    return f"did you mean {close[0]}?" if close else f"there are {', '.join(sorted(known)) or 'none'}."


class Reader:
    """Makes structs of one file's tables and the variables beside it.

    Attributes:

        claimed: names of the variables that were understood so far.
        problems: sentences for the operator: who, what, why, the way out.
    """

    def __init__(self, file: str | None, environment: Mapping[str, str]) -> None:
        self._file = file or "the settings"
        self._environment = environment
        self.claimed: set[str] = set()
        self.problems: list[str] = []

    def read(
        self, kind: type[S], table: Mapping[str, Any], *, section: str = "", skip: frozenset[str] = frozenset()
    ) -> S | None:
        """Make a struct; what is wrong is noted and keeps its default. None when there can be no struct at all.

        Args:

            kind: the struct's class.
            table: what the file says, as parsed TOML.
            section: where in the file that is (`plugins.tasks`); names the variables too (`CRM_TASKS_…`).
            skip: fields that neither file nor variables can set.
        """
        known = {f.name: f for f in fields(kind) if f.name not in skip}
        for name in table:
            if name not in known:
                where = f"{section}.{name}" if section else name
                self.problems.append(f"{self._file}: {where} is no setting; {closest(name, list(known))}")
        found = {name: self._value(kind, f, table, section) for name, f in known.items()}
        return self._make(kind, {k: v for k, v in found.items() if v is not msgspec.UNSET}, section)

    def section(self, kind: type[S], table: Any, where: str) -> S | None:
        """Make a struct of what should be a table, `[where]` of the file."""
        if not isinstance(table, Mapping):
            self.problems.append(f"{self._file}: {where} is a section; write [{where}] and its settings below.")
            table = {}
        return self.read(kind, table, section=where)

    def _value(self, kind: type, info: FieldInfo, table: Mapping[str, Any], section: str) -> Any:
        where = f"{section}.{info.name}" if section else info.name
        inner = _struct(info.type)
        if inner is not None:
            return self.section(inner, table.get(info.name, {}), where) or msgspec.UNSET
        variable = f"CRM_{where.removeprefix('plugins.').replace('.', '_').upper()}"
        if variable in self._environment:
            self.claimed.add(variable)
            return self._convert(kind, info, _split(self._environment[variable], info.type), variable, strict=False)
        if info.name in table:
            return self._convert(kind, info, table[info.name], f"{self._file}: {where}", strict=True)
        if info.required:
            self.problems.append(f"{self._file}: {where} is not set and has no default; set it or {variable}.")
        return msgspec.UNSET

    def _convert(self, kind: type, info: FieldInfo, value: Any, where: str, *, strict: bool) -> Any:
        try:
            return msgspec.convert(value, info.type, strict=strict)
        except msgspec.ValidationError as wrong:
            means = attributes(kind).get(info.name, "")
            said = f" It means: {means}" if means else ""
            self.problems.append(f"{where} is wrong: {wrong}.{said}")
            return msgspec.UNSET

    def _make(self, kind: type[S], values: dict[str, Any], section: str) -> S | None:
        if any(f.required and f.name not in values for f in fields(kind)):
            return None
        try:
            return kind(**values)
        except ValueError as wrong:
            self.problems.append(f"{self._file}: [{section}] is wrong: {wrong}")
            return None


def _struct(kind: Any) -> type[msgspec.Struct] | None:
    return kind if isinstance(kind, type) and issubclass(kind, msgspec.Struct) else None


def _split(text: str, kind: Any) -> Any:
    if get_origin(kind) in _LISTS or kind in _LISTS:
        return [part.strip() for part in text.split(",") if part.strip()]
    return text
