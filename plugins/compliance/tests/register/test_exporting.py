"""An anonymous export shows what the actor may export, generalised; nobody in it can be told apart from k - 1 others."""

from __future__ import annotations

from collections import Counter
from datetime import date

import pytest
from crmcore_compliance.register.exporting import anonymous_rows
from crmcore_compliance.register.mondrian import Demand

from crmcore import errors
from crmcore.testing import TestCrm

DEMAND = Demand(("gender", "birthDate"), ("lifecycleStage",), k=3)


async def test_customers_are_told_by_nothing_but_groups(crm: TestCrm) -> None:
    """Years instead of days, and at least three alike."""
    for number in range(12):
        born = date(1980 + number % 4, 1 + number % 12, 1 + number)
        await crm.make(
            "customer", kind="PERSON", given_name=f"P{number}", gender=("FEMALE", "MALE")[number % 2], birth_date=born
        )
    rows = await anonymous_rows(crm, await crm.actor("admin"), "customer", DEMAND, years=["birthDate"])

    assert 12 == len(rows)
    assert min(Counter((row["gender"], row["birthDate"]) for row in rows).values()) >= 3
    assert all(len(row["birthDate"]) <= len("1980..1983") for row in rows)


async def test_what_cannot_be_is_refused_with_the_way_out(crm: TestCrm) -> None:
    """Fields that are none, or ids; fewer people than k."""
    admin = await crm.actor("admin")
    await crm.make("customer", kind="PERSON", given_name="Ada")
    for demand, code in ((Demand(("id",)), "UNKNOWN_FIELD"), (Demand(("gender",), k=5), "CANNOT_BE_MET")):
        with pytest.raises(errors.Invalid) as refused:
            await anonymous_rows(crm, admin, "customer", demand)
        assert code == refused.value.violations[0].code
