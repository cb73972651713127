"""How this plugin's records are made for tests."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from crmcore.testing import Factory
from factories import FACTORIES


@pytest.fixture(scope="session")
def crm_factories() -> Mapping[str, Factory]:
    """See `crmcore.testing.TestCrm.make`."""
    return FACTORIES
