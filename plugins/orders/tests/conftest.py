"""How this plugin's records are made for tests."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest
from factories import FACTORIES
from files import Desk

from crmcore.testing import Factory, TestCrm


@pytest.fixture(scope="session")
def crm_factories() -> Mapping[str, Factory]:
    """See `crmcore.testing.TestCrm.make`."""
    return FACTORIES


@pytest.fixture
def desk(crm: TestCrm, tmp_path: Path) -> Desk:
    """The command line, on the database of the CRM of the test."""
    return Desk(crm.settings.database, tmp_path)
