"""Restriction: kept and not used, by whatever door."""

from __future__ import annotations

import pytest
from crmcore_compliance.rights.limiting import compliance_lift_restriction
from rights_world import ada_of, asked

from crmcore import Actor
from crmcore.testing import TestCrm

_ASKED = "{ customers { totalCount } contactPoints { totalCount } interactions { totalCount } tasks { totalCount } }"


async def counted(crm: TestCrm, as_: str) -> list[int]:
    """What somebody sees of all lists."""
    answer = await crm.execute(_ASKED, as_=as_)
    return [one["totalCount"] for one in answer["data"].values()]


async def test_nobody_sees_a_restricted_person_or_what_is_about_them(crm: TestCrm) -> None:
    """Administrators neither, unless they hold compliance.restricted; once lifted all is there again."""
    ada = await ada_of(crm)
    everything = await counted(crm, "admin")
    await asked(crm, ada, "RESTRICTION")
    assert [0, 0, 0, 0] == await counted(crm, "sales")
    assert [1, 1, 1, 1] == everything

    (row,) = await crm.run(Actor.system("t"), lambda work: work.find("compliance_restriction", customer_id=ada))
    await crm.run(Actor.system("t"), lambda work: compliance_lift_restriction(work, row["id"], "It was proved."))
    assert everything == await counted(crm, "admin")


async def test_an_objection_leaves_records_where_they_are(crm: TestCrm) -> None:
    """It forbids a purpose, not the record."""
    ada = await ada_of(crm)
    await asked(crm, ada, "OBJECTION", purpose="marketing.email")

    rows = await crm.run(Actor.system("t"), lambda work: work.find("compliance_restriction", customer_id=ada))
    assert [("OBJECTION", "marketing.email")] == [(row["kind"], row["purpose"]) for row in rows]
    assert 1 == (await counted(crm, "admin"))[0]


@pytest.mark.parametrize("kind", ["RESTRICTION", "OBJECTION"])
async def test_asking_twice_restricts_once(crm: TestCrm, kind: str) -> None:
    """A restriction that stands is enough."""
    ada = await ada_of(crm)
    await asked(crm, ada, kind)
    await asked(crm, ada, kind)

    found = await crm.run(Actor.system("t"), lambda work: work.find("compliance_restriction", customer_id=ada))
    assert 1 == len(found)
