"""The documentation speaks of an installation with our plugins."""

from __future__ import annotations

import pytest


@pytest.fixture(scope="session")
def crm_installed() -> bool:
    """Load the plugins that are installed."""
    return True
