"""The documentation speaks of an installation with our plugins."""

from __future__ import annotations

import pytest

#: What takes longest, that first which takes longest of all.
_LONG = ("test_it_can_be_typed", "test_console[README.md]", "test_console[docs/tutorial/import.md]")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process is left with it when the others are done."""
    items.sort(key=lambda item: _LONG.index(item.name) if item.name in _LONG else len(_LONG))


@pytest.fixture(scope="session")
def crm_installed() -> bool:
    """Load the plugins that are installed."""
    return True
