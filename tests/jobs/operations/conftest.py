"""A CRM with a plugin whose jobs and handlers do as the tests say."""

from __future__ import annotations

from collections.abc import Sequence

import pytest

from tests.jobs.operations import weeds


@pytest.fixture(scope="session")
def crm_plugins() -> Sequence[object]:
    """The plugin of the tests."""
    return [weeds]


@pytest.fixture(autouse=True)
def _nothing_done() -> None:
    weeds.DONE.clear()
    weeds.LUCK.clear()
