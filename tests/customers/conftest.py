"""A desk in a CRM of the built-in plugins."""

from __future__ import annotations

import pytest

from crmcore.app import Crm
from tests.customers.desk import Desk


@pytest.fixture
def desk(crm: Crm) -> Desk:
    """Ana's desk, in a CRM as it is right after its installation."""
    return Desk(crm)
