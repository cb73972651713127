"""`crm plugin add`: more in a plugin that somebody works on."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from tests.scaffold.conftest import PARTS, Crm, contents


def test_what_is_added_later_is_what_would_have_been_there(tmp_path: Path, crm_command: Crm, visits: Path) -> None:
    """All parts at once, or one after the other, give the same files."""
    crm_command("plugin", "new", "visits", "--with", ",".join(("entity", *PARTS)), "--into", tmp_path / "other")
    for part in PARTS:
        crm_command("plugin", "add", part, "--in", visits)

    assert contents(tmp_path / "other" / "crmcore-visits") == contents(visits)


def test_documents_speak_of_what_was_added(crm_command: Crm, visits: Path) -> None:
    """README, changelog and capabilities."""
    crm_command("plugin", "add", "entity", "visit_fare", "visit:link:visit", "amount:money", "--in", visits)
    said = tomllib.loads((visits / "crmcore_visits" / "capabilities.toml").read_text("utf-8"))

    assert ["visit", "visit_fare"] == said["tables"]
    assert "| `Visit.visitFares` | the visit fares of a visit |" in (visits / "README.md").read_text("utf-8")
    assert "- Visit fares: `visitFares`." in (visits / "CHANGELOG.md").read_text("utf-8")


def test_a_layout_with_src_is_found(crm_command: Crm, visits: Path) -> None:
    """The package may lie in `src`; new modules go there too."""
    (visits / "src").mkdir()
    (visits / "crmcore_visits").rename(visits / "src" / "crmcore_visits")
    crm_command("plugin", "add", "job", "--in", visits)

    assert (visits / "src" / "crmcore_visits" / "jobs.py").is_file()
    assert (visits / "tests" / "test_jobs.py").is_file()


@pytest.mark.parametrize(
    ("file", "old", "new"),
    [
        (
            "crmcore_visits/plugin.py",
            "from crmcore_visits.tables import Visit\n",
            "import crmcore_visits.tables  # mine\n",
        ),
        ("crmcore_visits/plugin.py", "    return [\n", "    # mine\n    if True:\n        return []\n    return [\n"),
        ("crmcore_visits/plugin.py", "@hookimpl\n", "@hookimpl(\n"),
        ("crmcore_visits/tables.py", "from typing import ClassVar\n", "from typing import ClassVar  # mine\n"),
    ],
)
def test_what_cannot_be_edited_safely_is_left(crm_command: Crm, visits: Path, file: str, old: str, new: str) -> None:
    """Then nothing at all is written, and the file is named."""
    edited = visits / file
    edited.write_text(edited.read_text("utf-8").replace(old, new), "utf-8")
    before = contents(visits)
    fields = ("payer:link:customer", "kind:choice(bus|train)", "paid_at:instant")
    result = crm_command("plugin", "add", "entity", "visit_fare", *fields, "--in", visits, fails=True)

    assert before == contents(visits)
    assert str(edited) in result.stderr


def test_the_lines_to_add_are_shown(crm_command: Crm, visits: Path) -> None:
    """Where a hook computes what it returns, a person is told what it should return too."""
    plugin = visits / "crmcore_visits" / "plugin.py"
    plugin.write_text(f"{plugin.read_text('utf-8')}\n\ndef crm_jobs():\n    return found()\n", "utf-8")
    result = crm_command("plugin", "add", "job", "--in", visits, fails=True)

    assert '        return [report, Schedule(report(), cron="0 6 * * *")]' in result.stderr


def test_documents_in_another_form_do_not_stand_in_the_way(crm_command: Crm, visits: Path) -> None:
    """The code is written, and what README and changelog should say is shown."""
    (visits / "README.md").write_text("# Visits\n", "utf-8")
    (visits / "CHANGELOG.md").unlink()
    result = crm_command("plugin", "add", "job", "--in", visits)

    assert "| job `visits.report` |" in result.stderr
    assert "- The job `visits.report`, every morning." in result.stderr
    assert (visits / "crmcore_visits" / "jobs.py").is_file()


def test_a_released_version_gets_no_new_lines(crm_command: Crm, visits: Path) -> None:
    """A changelog whose newest version is out is for a person to continue."""
    changelog = visits / "CHANGELOG.md"
    released = changelog.read_text("utf-8").replace("unreleased", "2026-11-22")
    changelog.write_text(released, "utf-8")
    crm_command("plugin", "add", "job", "--in", visits)

    assert released == changelog.read_text("utf-8")


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        (("job", "reminders"), "Only an entity has a name"),
        (("entity",), "needs a name"),
        (("jobs",), "There is no 'jobs'"),
        (("entity", "visit", "a:int"), "already"),
        (("entity", "visit_fare", "task:link:task"), "no entity of crmcore"),
    ],
)
def test_what_cannot_be_added_is_said(crm_command: Crm, visits: Path, words: tuple[str, ...], problem: str) -> None:
    """With the way out, and before anything is written."""
    before = contents(visits)
    result = crm_command("plugin", "add", *words, "--in", visits, fails=True)

    assert problem in result.stderr
    assert before == contents(visits)


def test_a_part_is_added_once(crm_command: Crm, visits: Path) -> None:
    """Nothing that is there is overwritten."""
    crm_command("plugin", "add", "job", "--in", visits)
    before = contents(visits)
    result = crm_command("plugin", "add", "job", "--in", visits, fails=True)

    assert "jobs.py is there already" in result.stderr
    assert before == contents(visits)


def test_a_folder_without_a_plugin_is_named(tmp_path: Path, crm_command: Crm) -> None:
    """So that one knows where one is."""
    assert "There is no" in crm_command("plugin", "add", "job", "--in", tmp_path, fails=True).stderr
