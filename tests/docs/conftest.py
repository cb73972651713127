"""The documentation speaks of an installation with our plugins."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Begin with what takes longest, so that no process is left with it when the others are done."""
    items.sort(key=lambda item: item.name != "test_it_can_be_typed")


@pytest.fixture(scope="session")
def crm_installed() -> bool:
    """Load the plugins that are installed."""
    return True
