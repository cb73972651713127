"""What an estate needs that its columns do not say."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from crmcore.testing import Factory, TestCrm


async def _estate(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A property on offer, unless a test says otherwise."""
    return {"status": "OFFERED", "price": 28_500_000, "price_currency": "EUR"}


async def _viewing(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    """A viewing in two days, when nobody else is there."""
    return {} if "starts_at" in given else {"starts_at": crm.clock.now() + timedelta(hours=48 + crm.next_number())}


#: By entity; crmcore's contract checks use them too.
FACTORIES: Mapping[str, Factory] = {"estate": _estate, "estate_viewing": _viewing}
