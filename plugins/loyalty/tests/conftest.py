"""How loyalty's records are made for tests."""

from __future__ import annotations

from collections.abc import Mapping

import pytest
from factories import FACTORIES

from crmcore.testing import Factory


@pytest.fixture(scope="session")
def crm_factories() -> Mapping[str, Factory]:
    """See `crmcore.testing.TestCrm.make`."""
    return FACTORIES
