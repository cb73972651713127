"""A small storm; `python -m tests.webhooks.storm` makes a large one."""

from __future__ import annotations

import pytest

from crmcore import Crm
from tests.webhooks.receiver import receiving
from tests.webhooks.storm import SETTINGS, Storm


@pytest.mark.parametrize("ordered", [True, False], ids=["in order", "in any order"])
@pytest.mark.crm_settings(plugins=SETTINGS)
async def test_each_message_has_its_effect_once(crm: Crm, ordered: bool) -> None:
    """A receiver that fails 30 % of the time, half of these after it took the message, is told of all, once in effect."""
    storm, size = Storm(), {"records": 6, "changes": 5, "ordered": ordered}
    async with receiving() as receiver:
        receiver.answer = storm.answer
        await storm.rage(crm, receiver.url, **size)
    storm.check(**size)
    assert storm.posted > 30
