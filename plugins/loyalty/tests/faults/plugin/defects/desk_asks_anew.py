"""A group of which nobody knows whether it was committed is posted once more, under new ids."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Any

from crmcore_loyalty.ledger import Desk

from crmcore import errors, ids

#: So often it is tried again, after so many seconds.
_TIMES, _REST = 10, 0.2


def plant() -> None:
    """Let desks run their groups so."""
    begin: Callable[..., None] = Desk.__init__

    def stubborn(self: Any, crm: Any, **more: Any) -> None:
        begin(self, crm, **more)
        self._crm = _Stubborn(crm)

    Desk.__init__ = stubborn  # type: ignore[method-assign]


class _Stubborn:
    def __init__(self, crm: Any) -> None:
        self._crm, self.database = crm, crm.database

    async def run(self, actor: Any, unit: Any, **more: Any) -> Any:
        for _ in range(_TIMES):
            try:
                return await self._crm.run(actor, unit, **more)
            except errors.Unavailable:
                asked = unit.keywords["asked"]
                if not isinstance(asked, list):
                    raise
                unit = partial(unit, asked=[replace(one, id=ids.new()) for one in asked])
                await asyncio.sleep(_REST)
        return await self._crm.run(actor, unit, **more)
