"""A CRM with an after-handler and an event of its own."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.plugins import with_events


@pytest.fixture(scope="session")
def crm_plugins() -> Sequence[object]:
    """The plugin that declares an event and hears of it."""
    return [with_events]
