"""Which versions fit together, by what pip finds in an index of the tests' own."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmcore.upgrade import fitting
from crmcore.upgrade.fitting import Fit, as_installed, fit
from tests.upgrade import ants


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A package index with crmcore 0.3 and 0.4; crmcore 0.2 and crm-ants 1.0 are installed, as if from there."""
    index, installed = tmp_path / "index", tmp_path / "installed"
    index.mkdir()
    for version in ("0.3.0", "0.4.0"):
        ants.wheel(index, "crmcore", version)
    ants.install(installed, 1, ["crmcore<0.4,>=0.2"])
    record = installed / "crmcore-0.2.0.dist-info"
    record.mkdir()
    (record / "METADATA").write_text("Metadata-Version: 2.1\nName: crmcore\nVersion: 0.2.0\n", "utf-8")
    monkeypatch.syspath_prepend(installed)
    monkeypatch.setenv("PYTHONPATH", str(installed))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(index))
    monkeypatch.setenv("PIP_CONFIG_FILE", "/dev/null")
    monkeypatch.setattr(fitting, "announced", lambda problems: [a for a in announced(problems) if a.name == "ants"])
    return index


announced = fitting.announced


def versions(found: Fit) -> dict[str, tuple[str, str, str | None]]:
    """Before, after and newest, by name."""
    return {one.name: (one.now, one.then, one.newest) for one in found.versions}


def test_the_newest_that_fit_together(index: Path) -> None:
    """A plugin's new version lets crmcore's in."""
    ants.wheel(index, "crm-ants", "2.0", requires=["crmcore>=0.4,<0.5"], content=ants.files(2))

    found = fit([])

    assert {"crmcore": ("0.2.0", "0.4.0", "0.4.0"), "crm-ants": ("1.0", "2.0", "2.0")} == versions(found)
    assert () == found.problems


def test_a_plugin_that_holds_crmcore_back_is_named(index: Path) -> None:
    """The newest crmcore is not taken, and it is said who does not let it in."""
    ants.wheel(index, "crm-ants", "1.5", requires=["crmcore<0.4,>=0.2"], content=ants.files(1))

    crmcore, plugin = fit([]).versions

    assert ("0.3.0", "0.4.0") == (crmcore.then, crmcore.newest)
    assert ("crm-ants 1.5 needs crmcore<0.4,>=0.2, which crmcore 0.4.0 is not.",) == crmcore.held_back
    assert ("1.5", ()) == (plugin.then, plugin.held_back)


def test_what_cannot_be_is_explained(index: Path) -> None:
    """A version that was asked for and that a plugin does not let in: both are named, and nothing would be installed."""
    ants.wheel(index, "crm-ants", "1.5", requires=["crmcore<0.4,>=0.2"], content=ants.files(1))

    found = fit(["crmcore==0.4.0"])

    assert ("crm-ants 1.5 needs crmcore<0.4,>=0.2, which crmcore 0.4.0 is not.",) == found.problems
    assert () == found.install


@pytest.mark.usefixtures("index")
def test_a_version_that_does_not_exist_is_told_in_pips_words() -> None:
    """Nobody but pip knows what it looked for."""
    (problem,) = fit(["crmcore==9"]).problems

    assert "No matching distribution found for crmcore==9" in problem


@pytest.mark.usefixtures("index")
def test_offline_nobody_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is installed fits together or does not; pip has no part in it."""
    monkeypatch.setattr(fitting, "candidates", None)

    found = as_installed()

    assert {"crmcore": ("0.2.0", "0.2.0", None), "crm-ants": ("1.0", "1.0", None)} == versions(found)
    assert () == found.problems


def test_what_does_not_fit_offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """pip may have been bypassed."""
    ants.install(tmp_path, 1, ["crmcore>=99"])
    monkeypatch.syspath_prepend(tmp_path)

    assert any(p.startswith("crm-ants 1.0 needs crmcore>=99, which crmcore ") for p in as_installed().problems)


def test_what_came_from_a_folder_stays(index: Path, tmp_path: Path) -> None:
    """A version under development is on no index, and is what the others have to fit to."""
    ants.wheel(index, "crm-ants", "2.0", requires=["crmcore>=0.4"], content=ants.files(2))
    record = tmp_path / "installed" / "crmcore-0.2.0.dist-info"
    (record / "direct_url.json").write_text('{"url": "file:///src/crmcore", "dir_info": {"editable": true}}', "utf-8")

    crmcore, plugin = fit([]).versions

    assert ("0.2.0", None) == (crmcore.then, crmcore.newest)
    assert ("1.0", "2.0") == (plugin.then, plugin.newest)
    assert ("crm-ants 2.0 needs crmcore>=0.4, which crmcore 0.2.0 is not.",) == plugin.held_back
