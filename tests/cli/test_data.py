"""Import, export, seed and explain from the command line."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.cli.conftest import Line, done

MAPPING = """
title = "Regions"

[[records]]
name = "region"
entity = "team"
key = "NAME"
fields.name = "region"
"""


@pytest.fixture
def regions(tmp_path: Path) -> tuple[str, str]:
    """A mapping file and a CSV file."""
    (tmp_path / "regions.toml").write_text(MAPPING)
    (tmp_path / "regions.csv").write_text("region\nEast\nWest\n")
    return "regions.toml", "regions.csv"


def counts(crm_line: Line, *words: str) -> dict[str, int]:
    """What an import reports of its record."""
    report = json.loads(crm_line("import", *words, "--json").stdout)
    return {name: report["records"]["region"][name] for name in ("created", "updated", "unchanged", "refused")}


def test_an_import_can_be_rehearsed_done_and_repeated(crm_line: Line, regions: tuple[str, str]) -> None:
    """A dry run keeps nothing; a second import changes nothing."""
    both = {"created": 2, "updated": 0, "unchanged": 0, "refused": 0}
    assert [counts(crm_line, *regions, "--dry-run"), counts(crm_line, *regions)] == [both, both]
    assert counts(crm_line, *regions) == {"created": 0, "updated": 0, "unchanged": 2, "refused": 0}


def test_an_import_is_reported_for_people(crm_line: Line, regions: tuple[str, str]) -> None:
    """Counts by record, and the rows read."""
    printed = done(crm_line("import", *regions))
    assert "region\t2\t0\t0\t0" in printed
    assert "2 rows read, 0 refused." in printed


def test_refused_rows_are_kept_with_their_reasons(crm_line: Line, regions: tuple[str, str], tmp_path: Path) -> None:
    """Exit code 1, the first reasons on standard error, all of them in a file beside the CSV."""
    (tmp_path / "regions.csv").write_text(f"region\nEast\n{'x' * 300}\n")
    result = crm_line("import", *regions)
    assert (result.exit_code, "line 3" in result.stderr) == (1, True)
    assert "x" * 300 in (tmp_path / "regions.errors.csv").read_text("utf-8")


def test_a_mapping_that_makes_no_sense_is_a_set_up_error(
    crm_line: Line, regions: tuple[str, str], tmp_path: Path
) -> None:
    """Before any row is read."""
    (tmp_path / "regions.toml").write_text(MAPPING.replace('"team"', '"nonsense"'))
    assert crm_line("import", *regions).exit_code == 3


@pytest.fixture
def seeded(crm_line: Line) -> Line:
    """The command line on a little demonstration data."""
    done(crm_line("seed", "--size", "12"))
    return crm_line


def test_a_seed_says_how_much_it_made(crm_line: Line) -> None:
    """And that the same data is there already when it is asked for twice."""
    assert done(crm_line("seed", "--size", "5", "--seed", "7")).endswith(" rows.\n")
    assert crm_line("seed", "--size", "5", "--seed", "7").exit_code == 1


def test_an_unknown_scenario_is_refused(crm_line: Line) -> None:
    """The message names those there are."""
    result = crm_line("seed", "--scenario", "nonsense", "--size", "5")
    assert (result.exit_code, "b2b" in result.stderr) == (1, True)


def test_records_are_exported_as_csv(seeded: Line) -> None:
    """To standard output, with the chosen fields; the count goes to standard error."""
    result = seeded("export", "customer", "--field", "id", "--field", "displayName")
    heading, *rows = csv.reader(io.StringIO(done(result)))
    assert (heading, len(rows), result.stderr) == (["id", "displayName"], 12, "12 records.\n")


def test_a_files_name_says_its_format(seeded: Line, tmp_path: Path) -> None:
    """.jsonl is one JSON object a line; a filter is the API's."""
    done(seeded("export", "customer", "people.jsonl", "--filter", '{"kind": {"eq": "PERSON"}}', "--field", "kind"))
    lines = (tmp_path / "people.jsonl").read_text("utf-8").splitlines()
    assert {json.loads(line)["kind"] for line in lines} == {"PERSON"}


@pytest.mark.parametrize(
    "words", [("nonsense",), ("customer", "--field", "nonsense"), ("customer", "--filter", '{"x": 1}')]
)
def test_what_cannot_be_exported_is_refused(crm_line: Line, words: tuple[str, ...]) -> None:
    """Entity, field and filter are checked; the message names the wrong one."""
    assert crm_line("export", *words).exit_code == 1


def test_a_filter_that_is_no_json_is_a_wrong_call(crm_line: Line) -> None:
    """Exit code 2."""
    assert crm_line("export", "customer", "--filter", "[").exit_code == 2


def test_nobody_exports_what_they_may_not(crm_line: Line) -> None:
    """--as takes somebody's rights."""
    done(crm_line("user", "create", "ada@example.com", "--role", "sales"))
    result = crm_line("export", "customer", "--as", "ada@example.com")
    assert (result.exit_code, "export" in result.stderr) == (1, True)


def test_the_sql_of_an_operation_is_shown(crm_line: Line, tmp_path: Path) -> None:
    """One statement, with values as parameters."""
    operation = "query Find($name: String!) { customers(filter: {displayName: {contains: $name}}) { nodes { id deals { nodes { name } } } } }"
    (tmp_path / "find.graphql").write_text(operation)
    explained = json.loads(done(crm_line("explain", "find.graphql", "--variables", '{"name": "Ünïque"}', "--json")))
    assert explained["sql"].lower().count("from customer ") == 1
    assert ("nïque" in explained["sql"], "nïque" in json.dumps(explained["parameters"], ensure_ascii=False)) == (
        False,
        True,
    )


def test_the_database_says_how_it_would_run_an_operation(crm_line: Line) -> None:
    """Its own plan follows the SQL."""
    shown = done(crm_line("explain", "-", typed="{ customers { nodes { id } } }"))
    plan = [line for line in shown.splitlines() if line.startswith("-- ")]
    assert any("customer" in line for line in plan)


def test_an_operation_is_run_and_measured_if_asked_for(crm_line: Line, crm_dialect: str) -> None:
    """PostgreSQL says what each step took; SQLite cannot, and the command says so."""
    result = crm_line("explain", "-", "--analyze", typed="{ customers { nodes { id } } }")
    if crm_dialect == "postgresql":
        assert "actual time" in done(result)
    else:
        assert (result.exit_code, "--analyze" in result.stderr) == (1, True)


def test_the_rules_of_somebody_are_in_the_sql(crm_line: Line) -> None:
    """--as shows the statement with that person's row rules."""
    done(crm_line("user", "create", "ada@example.com", "--role", "sales"))
    words = ("explain", "-", "--as", "ada@example.com")
    assert "owner_id" in done(crm_line(*words, typed="{ customers { nodes { id } } }"))


@pytest.mark.parametrize(
    "text",
    [
        "{",
        "{ nonsense }",
        "query($a: Int!) { customers(first: $a) { totalCount } }",
        'mutation { deleteCustomer(id: "customer_1") { __typename } }',
    ],
)
def test_an_operation_that_is_none_is_told(crm_line: Line, text: str) -> None:
    """Syntax, validation and variables are checked as the server does."""
    result = crm_line("explain", "-", typed=text)
    assert (result.exit_code, result.stderr.startswith("Error: ")) == (1, True)
