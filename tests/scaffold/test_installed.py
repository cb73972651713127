"""What is written, installed into an environment of its own: it type-checks, passes its tests, and is bronze."""

from __future__ import annotations

import fcntl
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.scaffold.conftest import FIELDS, PARTS, call
from tests.scaffold.environment import Environment

_ONLY = [f"only{part}" for part in ("entity", *PARTS)]


class Installed(NamedTuple):
    """Plugins and a project that were written, and the environment that has them.

    Attributes:

        folder: where they are: `crmcore-visits` has everything, `crmcore-only…` one part each, `acme` is a project.
        environment: where they are installed.
    """

    folder: Path
    environment: Environment


@pytest.fixture(scope="session")
def installed(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Installed:
    """All that is written, installed once for all processes of the run, since installing is what takes long."""
    base = tmp_path_factory.getbasetemp()
    folder = (base if worker_id == "master" else base.parent) / "scaffold"
    folder.mkdir(exist_ok=True)
    with (folder / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "done").exists():
            _write(folder)
            environment = Environment.new(folder / "environment")
            environment.install(*sorted(folder.glob("crmcore-*")), folder / "acme" / "plugins" / "acme")
            (folder / "done").touch()
    return Installed(folder, Environment(folder / "environment"))


def _write(folder: Path) -> None:
    call("plugin", "new", "visits", *FIELDS, "--with", ",".join(("entity", *PARTS)), "--into", folder)
    for part in ("entity", *PARTS):
        call("plugin", "new", f"only{part}", "--with", part, "--into", folder)
    call("init", "acme", "--into", folder)


def test_it_type_checks(installed: Installed) -> None:
    """Packages of all plugins, strictly; and the tests of one that has everything."""
    packages = [f"--package={path.parent.name}" for path in installed.folder.glob("*/crmcore_*/py.typed")]
    cache = f"--cache-dir={installed.folder / 'mypy'}"
    installed.environment.run("-m", "mypy", cache, cwd=installed.folder / "crmcore-visits")
    installed.environment.run("-m", "mypy", cache, "--strict", *packages, cwd=installed.folder)


def test_a_part_alone_passes_its_tests(installed: Installed) -> None:
    """Of each part, in a plugin that has no other."""
    tests = [path for name in _ONLY for path in sorted((installed.folder / f"crmcore-{name}" / "tests").glob("test_*"))]
    words = ["-q", "--import-mode=importlib", *(str(path) for path in tests if path.name != "test_contract.py")]
    installed.environment.run("-m", "pytest", *words, cwd=installed.folder / "crmcore-onlyentity")


def test_a_part_alone_is_bronze(installed: Installed) -> None:
    """Each part brings what the scale asks for: its names, descriptions, capabilities, README."""
    installed.environment.run(str(Path(__file__).with_name("bronze.py")), *_ONLY, cwd=installed.folder)


def test_all_together_pass_their_tests_and_are_bronze(installed: Installed) -> None:
    """On both databases; the rules are among the tests."""
    words = ["-m", "pytest", "-q", "--crm-database", "both", "-W", "error"]
    installed.environment.run(*words, cwd=installed.folder / "crmcore-visits")


def test_a_project_passes_its_tests(installed: Installed) -> None:
    """Its own, and those of the plugin in it."""
    installed.environment.run("-m", "pytest", "-q", cwd=installed.folder / "acme")
