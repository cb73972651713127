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
        self._crm, self.database, self.actors = crm, crm.database, crm.actors

    async def run(self, actor: Any, unit: Any, **more: Any) -> Any:
        for _ in range(_TIMES):
            try:
                return await self._crm.run(actor, unit, **more)
            except errors.Unavailable:
                postings = unit.keywords.get("postings")
                if postings is None:
                    raise
                unit = partial(unit, postings=[_anew(one) for one in postings])
                await asyncio.sleep(_REST)
        return await self._crm.run(actor, unit, **more)


def _anew(posting: Any) -> Any:
    return replace(posting, asked=replace(posting.asked, id=ids.new()), once=None)
