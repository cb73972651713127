"""What a source makes of a row's columns, up to the point where a database would be asked."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from functools import lru_cache
from string import Formatter
from typing import Any

from crmcore.interchange.imports.load import templates, text_columns
from crmcore.interchange.imports.mapping import Field, Source
from crmcore.interchange.imports.names import split_name
from crmcore.interchange.imports.text import as_instant, parse_date, parse_number

__all__ = ["Refused", "Sources", "fill"]


class Refused(ValueError):
    """A cell does not say what its source expects.

    Attributes:

        code: for programs.
    """

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code


def fill(template: str, row: Mapping[str, Any]) -> str:
    """Put columns into a template; nothing but whole columns can be named, so a file's name cannot reach further."""
    return "".join([text if name is None else f"{text}{row[name]}" for text, name in _parts(template)])


@lru_cache(maxsize=1024)
def _named(template: str) -> tuple[str, ...]:
    return tuple(text_columns(template))


@lru_cache(maxsize=1024)
def _parts(template: str) -> tuple[tuple[str, str | None], ...]:
    return tuple((text, name) for text, name, _, _ in Formatter().parse(template))


class Sources:
    """Evaluates sources with the tables of one mapping."""

    def __init__(self, tables: Mapping[str, Mapping[str, str]]) -> None:
        self._tables = tables

    def value(self, source: Field, row: Mapping[str, Any], *, name: str | None = None) -> Any:
        """Return what a source makes of a row.

        Args:

            source: a column's name or a Source; not one that names a record.
            row: values by column: texts, or what `[columns]` made of them; None for nothing.
            name: the column to read where the source names none.

        Returns:

            a text, a date, an instant or a `Decimal`; None for nothing.

        Raises:

            Refused: the cell does not say what the source expects.
        """
        if isinstance(source, str):
            source = Source(column=source)
        value = self._read(source, row, name)
        if isinstance(value, str):
            value = self._text(source, value)
        if value is None or value == "":
            return self._nothing(source)
        return _typed(source, value)

    def _read(self, source: Source, row: Mapping[str, Any], name: str | None) -> Any:
        if source.text is None:
            return row.get(source.column or name or "")
        for template in templates(source):
            if all(row.get(column) not in (None, "") for column in _named(template)):
                return fill(template, row)
        return None

    def _text(self, source: Source, value: str) -> str | None:
        value = value.strip() if source.trim else value
        if value in source.empty:
            return None
        if source.replace is not None and value:
            value = self._table(source.replace).get(value, value)
        if source.translate is not None and value:
            table = self._table(source.translate)
            if value not in table:
                known = ", ".join(sorted(table)[:10])
                raise Refused("UNKNOWN_VALUE", f"{value[:60]!r} is not in the table; known are {known}.")
            value = table[value]
        if source.part is not None:
            given, family = split_name(value)
            return given if source.part == "given" else family
        return value

    def _table(self, named: str | dict[str, str]) -> Mapping[str, str]:
        return self._tables[named] if isinstance(named, str) else named

    def _nothing(self, source: Source) -> Any:
        if source.default is None and source.required:
            raise Refused("REQUIRED", "The cell is empty, and the mapping requires something.")
        return source.default


def _typed(source: Source, value: Any) -> Any:
    if source.date is None and source.zone is None and source.scale is None and source.bands is None:
        return value
    try:
        if isinstance(value, str) and source.date is not None:
            value = parse_date(value, source.date, source.pivot)
        if isinstance(value, date) and source.zone is not None:
            value = as_instant(value, source.zone)
        if isinstance(value, str) and (source.scale is not None or source.bands is not None):
            value = parse_number(value, source.decimal, source.thousands)
    except ValueError as problem:
        raise Refused("MALFORMED", f"{problem}.") from problem
    if isinstance(value, Decimal) and source.scale is not None:
        value *= Decimal(str(source.scale))
    return _band(value, source.bands) if isinstance(value, Decimal) and source.bands is not None else value


def _band(number: Decimal, bands: list[tuple[Any, str]]) -> str:
    for greatest, word in bands:
        if greatest == "more" or number <= Decimal(str(greatest)):
            return word
    raise Refused("OUT_OF_RANGE", f"{number} is beyond the last band; end bands with one for more.")
