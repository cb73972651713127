"""Rules about the package's modules: they import, and what they import is promised."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from crmcore.contract.bronze.importing import imports_only_what_is_promised
from crmcore.contract.bronze.modules import every_module_imports, modules_of
from crmcore.contract.subject import Subject
from tests.contract.conftest import Plotted, said


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a package that can be imported, and is forgotten afterwards."""
    monkeypatch.syspath_prepend(tmp_path)
    folder = tmp_path / "crmcore_rakes"
    folder.mkdir()
    (folder / "__init__.py").touch()
    known = set(sys.modules)
    yield folder  # type: ignore[misc]
    for name in set(sys.modules) - known:
        if name.startswith("crmcore_rakes"):
            del sys.modules[name]


@pytest.fixture
def subject(package: Path, plotted: Plotted) -> Subject:
    """A plugin with this package."""
    return plotted(module="crmcore_rakes", package=package)


async def test_all_modules_are_imported(package: Path, subject: Subject) -> None:
    """What only a command needs is tried too; a main module and migrations are not."""
    for path in ("rake.py", "handles/__init__.py", "handles/wood.py", "__main__.py", "moves/__init__.py"):
        (package / path).parent.mkdir(exist_ok=True)
        (package / path).touch()
    (package / "moves" / "rakes_0001_initial.py").touch()
    names = ["crmcore_rakes", "crmcore_rakes.handles", "crmcore_rakes.handles.wood", "crmcore_rakes.rake"]
    assert names == modules_of(subject)
    assert [] == await said(every_module_imports, subject)
    assert set(names) <= set(sys.modules)


async def test_what_cannot_be_imported_is_said(package: Path, subject: Subject) -> None:
    """With the place, whatever was raised."""
    (package / "a.py").write_text("import no_such_thing_anywhere")
    (package / "b.py").write_text("1 / 0")
    one, other = await said(every_module_imports, subject)
    assert one.startswith("crmcore_rakes.a cannot be imported: ModuleNotFoundError: No module named")
    assert f"{package / 'b.py'}:1" in other


PRIVATE = [
    ("from crmcore.assembly import assemble", "m.py:1 imports crmcore.assembly.assemble"),
    ("import crmcore.assembly", "m.py:1 imports crmcore.assembly"),
    ("from crmcore import no_such_name", "m.py:1 imports crmcore.no_such_name"),
    ("from crmcore.database import Database", "m.py:1 imports crmcore.database.Database"),
    ("def f():\n    from crmcore.app import Crm", "m.py:2 imports crmcore.app.Crm"),
    ("from crmcore.cli import lazily", "m.py:1 imports crmcore.cli.lazily"),
]
PROMISED = [
    "from crmcore import Crm, columns",
    "import crmcore",
    "import crmcore.testing",
    "from crmcore.customers import events",
    "from crmcore.customers.tables import Customer",
    "from crmcore.database.migrations import Migration",
    "from crmcore.cli import with_crm",
    "from . import assembly",
    "import crmcore_other.private",
    "from typing import Any",
]


@pytest.mark.parametrize(("line", "what"), PRIVATE)
async def test_what_is_private_is_named(package: Path, subject: Subject, line: str, what: str) -> None:
    """With the line it stands in."""
    (package / "m.py").write_text(line)
    assert [f"{what}, which is private to crmcore."] == await said(imports_only_what_is_promised, subject)


@pytest.mark.parametrize("line", PROMISED)
async def test_what_is_promised_is_fine(package: Path, subject: Subject, line: str) -> None:
    """So is whatever is not crmcore's."""
    (package / "m.py").write_text(line)
    assert [] == await said(imports_only_what_is_promised, subject)


async def test_a_package_that_is_gone_is_not_verified(plotted: Plotted) -> None:
    """The installation is broken, which is not the plugin's fault."""
    subject = plotted(package=None)
    for rule in (every_module_imports, imports_only_what_is_promised):
        assert ["The module tests.contract.plots is not there; install the distribution again."] == await said(
            rule, subject
        )
