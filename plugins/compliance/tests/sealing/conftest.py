"""What tests of sealing share: raw rows, and the same database with other fields sealed."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AsyncExitStack
from typing import Any

import msgspec
import pytest
from crmcore_compliance.sealing import sweeping
from crmcore_compliance.state import compliance_of
from pytest_asyncio import fixture as async_fixture

from crmcore import Settings
from crmcore.testing import TestCrm

#: Starts another CRM on the database of one, with other settings of the plugin.
Again = Callable[..., Awaitable[TestCrm]]
_models: dict[str, TestCrm] = {}


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """No other process has to learn of anything."""
    monkeypatch.setattr(sweeping, "SETTLE", 0.0)


@async_fixture
async def again() -> AsyncIterator[Again]:
    """See `Again`."""
    async with AsyncExitStack() as open_ones:

        async def start(crm: TestCrm, **changed: Any) -> TestCrm:
            given = {**msgspec.to_builtins(compliance_of(crm).settings), **changed}
            key = msgspec.json.encode(
                {k: given[k] for k in ("sealed", "prefix", "searched", "field_ids")}, order="sorted"
            )
            if (model := _models.get(key.decode())) is None:
                model = _models[key.decode()] = TestCrm(msgspec.convert({"plugins": {"compliance": given}}, Settings))
            settings = {"database": crm.database.url, "plugins": {"compliance": given}}
            return await open_ones.enter_async_context(model.like(msgspec.convert(settings, Settings)))

        yield start
