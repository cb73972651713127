"""Noting when a token was last used never keeps a process from ending."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import Any
from uuid import uuid4

import pytest

from crmcore.access.usage import Usage


class Quick:
    """A database whose writes are done at once."""

    async def execute(self, *_: Any) -> int:
        return 1


@pytest.mark.timeout(10)
async def test_what_is_written_but_not_yet_reported_does_not_hold_up_the_end() -> None:
    """The tasks are done, the callbacks that forget them have not run: waiting for them must let those run."""
    usage = Usage()
    usage.note(Quick(), "crm_token", uuid4(), None, datetime.now(UTC))  # type: ignore[arg-type]
    await asyncio.sleep(0)
    await usage.settle()
    assert {} == usage._pending
