"""What is tried on each further version of Python has something of everything: `tests/interpreter.txt`."""

from __future__ import annotations

from importlib import import_module
from pathlib import Path

HERE = Path(__file__).parent
ROOT = HERE.parent
CHOSEN = {line.partition("::")[0] for line in HERE.joinpath("interpreter.txt").read_text("utf-8").splitlines()}

#: Other runs have these; they try what does not depend on the version of Python, or takes environments of its own.
ELSEWHERE = {"benchmarks", "clients", "compatibility", "docs", "faults"}


def test_each_folder_of_tests_has_something_in_it() -> None:
    """So that a new subsystem is not left out."""
    folders = {path.parent.relative_to(HERE).parts[:1] for path in HERE.rglob("test_*.py")} - {()}

    assert ELSEWHERE == {name for (name,) in folders} - {Path(line).parts[1] for line in CHOSEN}


def test_what_is_in_it_is_there() -> None:
    """No line names a file that is gone."""
    assert [] == sorted(line for line in CHOSEN if not (ROOT / line).is_file())


def test_every_module_can_be_imported() -> None:
    """Without a warning, whichever subsystem it belongs to; migrations are run by the tests."""
    files = [path.relative_to(ROOT).with_suffix("") for path in (ROOT / "crmcore").rglob("*.py")]
    names = [".".join(file.parts) for file in files if all(map(str.isidentifier, file.parts))]
    for name in names:
        if not name.endswith(("__init__", "__main__")):
            import_module(name)

    assert "crmcore.graphql.planner.run" in names
