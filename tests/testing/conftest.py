"""The CRM of these tests has the plugin of lessons; all modules share it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pytest

from crmcore.testing import Factory, TestCrm
from tests.testing import lessons


@pytest.fixture(scope="session")
def crm_plugins() -> Sequence[object]:
    """Lessons."""
    return [lessons]


async def _quiet_note(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """Give notes a text, and a lesson that is in the garden."""
    lesson = given.get("lesson_id") or await crm.make("lesson", place="the garden")
    return {"text": "think of it", "lesson_id": lesson}


@pytest.fixture(scope="session")
def crm_factories() -> Mapping[str, Factory]:
    """One for notes; lessons are made by their columns."""
    return {"lesson_note": _quiet_note}
