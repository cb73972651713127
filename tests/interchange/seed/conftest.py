"""A CRM that was seeded; small, with everything in it."""

from __future__ import annotations

import pytest

from crmcore.app import Crm
from crmcore.interchange import SCENARIOS, seed

SIZE = 120


@pytest.fixture(params=list(SCENARIOS))
async def seeded(crm: Crm, request: pytest.FixtureRequest) -> Crm:
    """A CRM with a scenario's data."""
    await seed(crm, request.param, seed=7, size=SIZE)
    return crm
