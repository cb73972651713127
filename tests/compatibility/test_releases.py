"""A plugin that was released works with today's core: its own tests, as they were released, pass."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from packaging.requirements import Requirement

import crmcore
from tests.compatibility.releases import HERE, checksums, installed, project, recorded, releases

RELEASES = releases()


def test_there_is_one() -> None:
    """The plugin of `examples/` is here at a recorded version."""
    assert RELEASES


def test_each_is_recorded() -> None:
    """Every release has its checksums, and all checksums a release."""
    assert [f"{folder.name}.sha256" for folder in RELEASES] == sorted(file.name for file in HERE.glob("*.sha256"))


@pytest.mark.parametrize("release", RELEASES, ids=lambda folder: folder.name)
def test_what_was_released_is_not_edited(release: Path) -> None:
    """No file of a release changes: a plugin that its author published cannot be mended by us."""
    assert recorded(release) == checksums(release)


@pytest.mark.parametrize("release", RELEASES, ids=lambda folder: folder.name)
def test_its_own_tests_pass_against_this_core(release: Path, tmp_path: Path, crm_dialect: str) -> None:
    """The release is installed as its metadata says, beside nothing else, and its tests run in a process of their own.

    Rules of quality are left out: there may be more of them today than when it was released.
    """
    needs = next(r for r in map(Requirement, project(release)["dependencies"]) if r.name == "crmcore")
    if not needs.specifier.contains(crmcore.__version__, prereleases=True):
        pytest.skip(f"{release.name} says that it works with crmcore{needs.specifier}; this is {crmcore.__version__}.")
    path = [*installed(release, tmp_path / "site"), Path(crmcore.__file__).parents[1]]
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("CRM_", "PYTEST_"))},
        "PYTHONPATH": os.pathsep.join(map(str, path)),
        "PYTHONDONTWRITEBYTECODE": "1",
    }
    words = [sys.executable, "-m", "pytest", "-q", "-k", "not test_contract", "-p", "no:cacheprovider"]
    told = subprocess.run(
        [*words, "--crm-database", crm_dialect, str(release)],
        cwd=release,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )

    assert 0 == told.returncode, told.stdout[-8000:] + told.stderr[-2000:]
    assert " passed" in told.stdout
