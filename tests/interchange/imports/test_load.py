"""A mapping file is understood whole, or everything that is wrong with it is said at once."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmcore.errors import SetupError
from crmcore.interchange.imports.load import load_mapping

_GOOD = """
title = "Accounts"
[[records]]
entity = "customer"
external = { system = "maven", id = "account" }
values = { kind = "ORGANIZATION" }
fields = { legalName = "account" }
"""


def _file(folder: Path, text: str) -> Path:
    path = folder / "mapping.toml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_small_mapping_is_read(tmp_path: Path) -> None:
    """A title and one record suffice."""
    loaded = load_mapping(_file(tmp_path, _GOOD))
    assert "Accounts" == loaded.mapping.title
    assert {"legalName": "account"} == loaded.mapping.records[0].fields


def test_everything_wrong_is_said_at_once(tmp_path: Path) -> None:
    """Unknown keys (with the one that was meant), wrong types and missing parts stand in one message."""
    wrong = _GOOD.replace("entity", "entitty").replace(
        'title = "Accounts"', 'title = 5\ncvs = {}\n[csv]\nencoding = "ebcdic"'
    )
    with pytest.raises(SetupError) as refused:
        load_mapping(_file(tmp_path, wrong))
    assert {
        "Mapping mapping.toml: cvs is unknown; did you mean csv?.",
        "Mapping mapping.toml: title expected `str`, got `int`.",
        "Mapping mapping.toml: csv.encoding must be one of 'utf-8', 'utf-8-sig', 'gb18030', 'latin-1', not 'ebcdic'.",
        "Mapping mapping.toml: records.1.entitty is unknown; did you mean entity?.",
        "Mapping mapping.toml: records.1.entity is missing.",
    } == set(refused.value.problems)


@pytest.mark.parametrize(
    ("fields", "problem"),
    [
        ('{ a = { column = "x", text = "{y}" } }', "needs exactly one of column, text and record"),
        ("{ a = { trim = false } }", "needs exactly one of column, text and record"),
        ('{ a = { column = "x", replace = "nowhere" } }', "names the table 'nowhere'"),
        ('{ a = { column = "x", by = "name" } }', "says how to find a record and not of which entity"),
        ('{ a = { column = "x", date = "dd-mm-yy" } }', "is not a date format"),
        ('{ a = { column = "x", zone = "Mars/Olympus" } }', "is not an IANA time zone"),
        ('{ a = { column = "x", currency = "Dollar" } }', "is not an ISO 4217 code"),
        ('{ a = { text = "{x" } }', "is not a template"),
        ('{ legalName = "x" }', None),
    ],
)
def test_sources_must_make_sense(tmp_path: Path, fields: str, problem: str | None) -> None:
    """What contradicts itself is refused before any file is read."""
    text = _GOOD.replace('{ legalName = "account" }', fields)
    if problem is None:
        load_mapping(_file(tmp_path, text))
        return
    with pytest.raises(SetupError, match=problem):
        load_mapping(_file(tmp_path, text))


def test_a_record_needs_something_to_be_known_by(tmp_path: Path) -> None:
    """Without key or external id a second import would make doubles."""
    text = _GOOD.replace('external = { system = "maven", id = "account" }\n', "")
    with pytest.raises(SetupError, match="needs either key or external"):
        load_mapping(_file(tmp_path, text))


def test_a_field_has_one_source(tmp_path: Path) -> None:
    """A field in both values and fields is refused."""
    text = _GOOD.replace('{ kind = "ORGANIZATION" }', '{ legalName = "Acme" }')
    with pytest.raises(SetupError, match="stands in values as well"):
        load_mapping(_file(tmp_path, text))


@pytest.mark.parametrize("table", ["", 'file = "x.csv"', 'values = {}\nfile = "x.csv"\nkey = "a"\nvalue = "b"'])
def test_a_table_stands_here_or_in_a_file(tmp_path: Path, table: str) -> None:
    """Neither, half and both are refused."""
    with pytest.raises(SetupError, match=r"tables\.series needs either values, or file, key and value"):
        load_mapping(_file(tmp_path, f"{_GOOD}[tables.series]\n{table}\n"))


def test_a_file_that_is_no_toml_is_named(tmp_path: Path) -> None:
    """So is one that is not there."""
    with pytest.raises(SetupError, match="cannot be read"):
        load_mapping(_file(tmp_path, "title ="))
    with pytest.raises(SetupError, match="cannot be read"):
        load_mapping(tmp_path / "absent.toml")
