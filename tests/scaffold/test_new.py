"""`crm plugin new` and `crm init`: what is written, and what is left alone."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from crmcore.scaffold.new import LICENSES
from tests.scaffold.conftest import PARTS, Crm, contents


def test_nothing_that_is_there_is_touched(crm_command: Crm, visits: Path) -> None:
    """A second time it is refused."""
    before = contents(visits)
    result = crm_command("plugin", "new", "visits", "--into", visits.parent, fails=True)

    assert "is there already" in result.stderr
    assert before == contents(visits)


@pytest.mark.parametrize("license", LICENSES)
def test_the_license_is_the_one_that_was_chosen(tmp_path: Path, crm_command: Crm, license: str) -> None:
    """In the metadata by its SPDX expression, and as a text with its owner."""
    crm_command("plugin", "new", "visits", "--license", license, "--author", 'Ada "A" Ltd', "--into", tmp_path)
    files = contents(tmp_path / "crmcore-visits")
    project = tomllib.loads(files["pyproject.toml"])["project"]

    assert (license, [{"name": 'Ada "A" Ltd'}]) == (project["license"], project["authors"])
    assert ('Ada "A" Ltd' in files["LICENSE"]) == (license != "Apache-2.0")


def test_a_plugin_requires_a_bounded_range(visits: Path) -> None:
    """Of the crmcore by which it was written."""
    project = tomllib.loads(contents(visits)["pyproject.toml"])

    assert ["crmcore>=0.1,<0.2"] == project["project"]["dependencies"]


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("visits", "--with", "entity,jobs"), "There is no 'jobs'"),
        (("visits", "a:int", "--with", "job"), "add entity"),
        (("visits", "--license", "GPL"), "Apache-2.0"),
        (("customers",), "keeps it for itself"),
        (("visits", "task:link:task"), "no entity of crmcore"),
    ],
)
def test_what_cannot_be_written_is_said(tmp_path: Path, crm_command: Crm, words: tuple[str, ...], problem: str) -> None:
    """With the way out, and before anything is written."""
    assert problem in crm_command("plugin", "new", *words, "--into", tmp_path, fails=True).stderr
    assert {} == contents(tmp_path)


def test_the_help_names_all_parts(crm_command: Crm) -> None:
    """What `--with` and `add` take is in their help."""
    said = " ".join(crm_command("plugin", "new", "--help").stdout.split())

    assert [] == [part for part in PARTS if part not in said]


def test_a_project_is_not_written_over_another(tmp_path: Path, crm_command: Crm) -> None:
    """Nor does a folder of the same name become one."""
    (tmp_path / "acme").mkdir()

    assert "is there already" in crm_command("init", "acme", "--into", tmp_path, fails=True).stderr
    assert {} == contents(tmp_path)
