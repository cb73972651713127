"""`crm plugin check`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from crmcore.cli import main
from tests.plugins.installed import Site

#: A rule that needs no CRM.
RULE = "a-test-uses-the-crm"


@pytest.fixture
def rakes(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The source tree of an installed plugin that adds nothing, in which one stands."""
    monkeypatch.chdir(tmp_path)
    site.add("rakes", requires=["crmcore>=0.1,<0.2"], code="@hookimpl\ndef crm_permissions():\n    return []\n")
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "test_rakes.py").write_text("def test_it(crm): ...")
    (tmp_path / "pyproject.toml").write_text('[project.entry-points."crmcore.plugins"]\nrakes = "rakes"')
    return tmp_path


def crm(*words: str) -> Result:
    """Call `crm plugin check`; an exception that is no exit fails the test."""
    result = CliRunner().invoke(main, ["plugin", "check", *words], prog_name="crm")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_a_rule_that_is_kept_is_no_failure(rakes: Path) -> None:
    """Exit code 0; the current folder is the source tree."""
    result = crm("rakes", "--rule", RULE)
    assert (0, f"ok           bronze  {RULE}\ncrm-rakes 1.0 keeps them.\n") == (result.exit_code, result.stdout)


def test_what_falls_short_is_a_failure(rakes: Path) -> None:
    """Exit code 1, with what, why and how."""
    (rakes / "tests" / "test_rakes.py").unlink()
    result = crm("rakes", "--rule", RULE)
    assert 1 == result.exit_code
    assert "falls short  bronze" in result.stdout
    assert f"  There are no tests in {rakes}.\n    -> Write one: `async def test_it(crm)" in result.stdout
    assert "  Why: A plugin is used inside a CRM" in result.stdout


def test_a_program_gets_json(rakes: Path) -> None:
    """And nothing else."""
    result = crm("rakes", "--rule", RULE, "--rule", "claims-can-be-read", "--json")
    said = json.loads(result.stdout)
    assert ("rakes", "crm-rakes", "1.0", True) == tuple(
        said[key] for key in ("plugin", "distribution", "version", "good")
    )
    assert [RULE, "claims-can-be-read"] == [rule["name"] for rule in said["rules"]]


def test_a_plugin_that_adds_nothing_changes_no_schema(rakes: Path) -> None:
    """`--sdl` says so."""
    assert "# It adds nothing to the schema.\n" == crm("rakes", "--sdl").stdout


def test_a_plugin_that_does_not_start_has_no_schema(site: Site) -> None:
    """It is said why."""
    site.add("rakes", code="1 / 0")
    result = crm("rakes", "--sdl")
    assert 1 == result.exit_code
    assert "ZeroDivisionError" in result.stderr


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("raks",), "No plugin 'raks' is installed; did you mean rakes?"),
        (("customers",), "'customers' is a part of crmcore, whose own tests check it"),
        (
            ("rakes", "--rule", "claims-can-be-red"),
            "There is no rule 'claims-can-be-red'; did you mean claims-can-be-read?",
        ),
        (("--explain", "claims"), "There is no rule 'claims'; "),
    ],
)
def test_what_there_is_not_is_said(rakes: Path, words: tuple[str, ...], message: str) -> None:
    """With the way out, and no traceback."""
    result = crm(*words)
    assert 1 == result.exit_code
    assert message in result.stderr


def test_a_rule_is_explained_without_a_plugin() -> None:
    """All of its docstring."""
    text = crm("--explain", RULE).stdout
    assert text.startswith(f"{RULE} (bronze)\n\nA plugin is used inside a CRM")
    assert "a CRM that runs with the plugin" in text


def test_a_plugin_must_be_named() -> None:
    """Unless a rule is to be explained."""
    result = crm()
    assert (2, True) == (result.exit_code, "Which plugin?" in result.stderr)
