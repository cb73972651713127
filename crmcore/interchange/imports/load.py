"""Read a mapping file, and refuse what makes no sense whatever is imported by it."""

from __future__ import annotations

import tomllib
from collections.abc import Container, Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from string import Formatter
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from crmcore.database.money import CURRENCIES
from crmcore.errors import SetupError
from crmcore.interchange.imports.mapping import BLANKS, Field, Mapping, Record, Source
from crmcore.interchange.imports.strict import Problems, build

__all__ = ["Loaded", "load_mapping", "refuse_if_any", "sources_of", "templates", "text_columns"]


@dataclass(frozen=True, slots=True)
class Loaded:
    """A mapping that makes sense in itself.

    Attributes:

        mapping: what the file says.
        origin: the file, for messages.
    """

    mapping: Mapping
    origin: str


def load_mapping(path: Path | str) -> Loaded:
    """Read a mapping file.

    Raises:

        SetupError: the file cannot be read, or says things that make no sense: all of them in one message.
    """
    path = Path(path)
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as problem:
        msg = f"Mapping file {path} cannot be read: {problem}. Give the path of a TOML file in UTF-8."
        raise SetupError("import-mapping", [msg]) from problem
    problems: Problems = []
    mapping = build(Mapping, raw, problems)
    refuse_if_any(problems, path.name)
    assert mapping is not None
    if len(mapping.csv.delimiter) != 1 and mapping.csv.delimiter != BLANKS:
        problems.append(("csv.delimiter", f"must be one character or {BLANKS!r}, not {mapping.csv.delimiter!r}"))
    if mapping.csv.header is not None and not mapping.csv.header:
        problems.append(("csv.header", "names no column; leave it out if the file's first line does"))
    for where, source in sources_of(mapping):
        _check_source(where, source, mapping.tables, problems)
    for where, record in _records(mapping):
        _check_record(where, record, problems)
    for name, table in mapping.tables.items():
        inside, outside = table.values is not None, (table.file, table.key, table.value)
        if inside == all(outside) or (inside and any(outside)):
            problems.append((f"tables.{name}", "needs either values, or file, key and value"))
    refuse_if_any(problems, path.name)
    return Loaded(mapping, path.name)


def refuse_if_any(problems: Problems, origin: str) -> None:
    """Raise what was found about a mapping.

    Raises:

        SetupError: there are problems; each names the mapping, the place and what is wrong.
    """
    if problems:
        raise SetupError("import-mapping", [f"Mapping {origin}: {where} {what}." for where, what in problems])


def sources_of(mapping: Mapping) -> Iterator[tuple[str, Field]]:
    """Yield every source of a mapping with where it stands."""
    for name, source in mapping.columns.items():
        yield f"columns.{name}", source
    for where, record in _records(mapping):
        if record.external is not None:
            yield f"{where}.external.id", record.external.id
        yield from _named(f"{where}.fields", record.fields)
        yield from _named(f"{where}.custom", record.custom)
        for n, move in enumerate(record.moves, 1):
            if move.at is not None:
                yield f"{where}.moves.{n}.at", move.at
            yield from _named(f"{where}.moves.{n}.fields", move.fields)


def templates(source: Source) -> list[str]:
    """Return a source's templates, first choice first."""
    return [source.text] if isinstance(source.text, str) else list(source.text or ())


def text_columns(template: str) -> list[str]:
    """Return the columns a template names.

    Raises:

        ValueError: its braces do not match.
    """
    return [name for _, name, _, _ in Formatter().parse(template) if name is not None]


def _named(where: str, fields: dict[str, str | Source]) -> Iterator[tuple[str, Field]]:
    for name, source in fields.items():
        yield f"{where}.{name}", source
        if isinstance(source, Source):
            yield from _named(f"{where}.{name}.within", source.within)


def _records(mapping: Mapping) -> Iterator[tuple[str, Record]]:
    for n, record in enumerate(mapping.setup, 1):
        yield f"setup.{n} ({record.label})", record
    for n, record in enumerate(mapping.records, 1):
        yield f"records.{n} ({record.label})", record


def _check_record(where: str, record: Record, problems: Problems) -> None:
    if (record.key is None) == (record.external is None):
        problems.append((where, "needs either key or external, so that a second import finds the record again"))
    for name in record.fields.keys() & record.values.keys():
        problems.append((f"{where}.fields.{name}", "stands in values as well; remove one"))


def _check_source(where: str, source: Field, tables: Container[str], problems: Problems) -> None:
    if isinstance(source, str):
        return
    given = [name for name in ("column", "text", "record") if getattr(source, name) is not None]
    if len(given) > 1 or (not given and not where.startswith("columns.")):
        problems.append((where, "needs exactly one of column, text and record"))
    for name in ("replace", "translate"):
        table = getattr(source, name)
        if isinstance(table, str) and table not in tables:
            problems.append((f"{where}.{name}", f"names the table {table!r}; write it under [tables]"))
    if source.find is None and any((source.by, source.system, source.within, source.missing != "refuse")):
        problems.append((where, "says how to find a record and not of which entity; add find"))
    if source.by is not None and source.system is not None:
        problems.append((where, "has both by and system; remove one"))
    _check_formats(where, source, problems)


def _check_formats(where: str, source: Source, problems: Problems) -> None:
    try:
        for template in templates(source):
            text_columns(template)
    except ValueError as problem:
        problems.append((f"{where}.text", f"is not a template: {problem}"))
    try:
        ZoneInfo(source.zone or "UTC")
    except (ZoneInfoNotFoundError, ValueError):
        problems.append((f"{where}.zone", f"{source.zone!r} is not an IANA time zone; use for example Europe/Vienna"))
    if source.date is not None and not _is_date_format(source.date):
        problems.append((f"{where}.date", f"{source.date!r} is not a date format; write for example %d-%m-%y"))
    if source.currency is not None and source.currency not in CURRENCIES:
        problems.append(
            (f"{where}.currency", f"{source.currency!r} is not an ISO 4217 code; use for example EUR, CNY or USD")
        )
    if not 0 <= source.pivot <= 100:
        problems.append((f"{where}.pivot", "must be between 0 and 100"))


def _is_date_format(text: str) -> bool:
    sample = datetime(2001, 2, 3, 4, 5, 6)  # noqa: DTZ001 (any moment will do)
    try:
        return datetime.strptime(sample.strftime(text), text).date() == sample.date()  # noqa: DTZ007
    except ValueError:
        return False
