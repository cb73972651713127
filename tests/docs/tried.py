"""The tests that a page shows, run as pytest runs them where the page's plugins are installed."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import msgspec

from crmcore import Settings
from crmcore.testing import TestCrm
from crmcore.testing.moulds import SqliteMould

__all__ = ["Trial"]


class Trial:
    """Runs the tests of one page, each with a CRM of its own that has the page's plugins.

    Args:

        folder: where the page's files are written; it can be imported from.
        page: the text of the page, which must tell the reader of each command that is run here.
    """

    def __init__(self, folder: Path, page: str) -> None:
        self._folder, self._page = folder, page
        self._made: tuple[TestCrm, SqliteMould] | None = None

    async def run(self, file: Path) -> None:
        """Run the tests of a file.

        Raises:

            AssertionError: a test failed.
        """
        model, mould = self._made = self._made or self._make()
        for test in _tests(import_module(file.stem)):
            given = {k: v for mark in getattr(test, "pytestmark", ()) for k, v in mark.kwargs.items()}
            with mould.copy(test.__name__) as url:
                async with model.like(msgspec.convert({**given, "database": url}, Settings)) as crm:
                    await test(crm)

    def _make(self) -> tuple[TestCrm, SqliteMould]:
        files = sorted(self._folder.glob("*.py"))
        plugins = [import_module(path.stem) for path in files if "\nplugin_name = " in path.read_text("utf-8")]
        for plugin in plugins:
            self._migrate(plugin)
        model = TestCrm(Settings(), plugins=plugins, installed=False)
        return model, SqliteMould(model, self._folder)

    def _migrate(self, plugin: ModuleType) -> None:
        folder = plugin.crm_migrations() if hasattr(plugin, "crm_migrations") else None
        if folder is None or folder.exists():
            return
        assert f"crm migrate --new {plugin.plugin_name} initial" in self._page
        folder.mkdir()
        TestCrm(Settings(), plugins=[plugin], installed=False).migrator.write(plugin.plugin_name, "initial")


def _tests(module: ModuleType) -> Iterator[Any]:
    found = [
        test for name, test in vars(module).items() if name.startswith("test_") and inspect.iscoroutinefunction(test)
    ]
    assert found, f"{module.__name__} has no tests"
    yield from found
