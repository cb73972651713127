"""As whom a test acts."""

from __future__ import annotations

import pytest

from crmcore import Actor, errors
from crmcore.entities import actions
from crmcore.testing import TestCrm

NAMES = "{ customers(orderBy: [{field: CREATED_AT}]) { nodes { displayName } } }"


async def names(crm: TestCrm, **who: object) -> list[str]:
    """Return the customers that somebody sees."""
    answer = await crm.execute(NAMES, **who)  # type: ignore[arg-type]
    return [node["displayName"] for node in answer["data"]["customers"]["nodes"]]


async def test_nobody_in_particular_is_the_system(crm: TestCrm) -> None:
    """Without as_ everything is seen."""
    await crm.make("customer", display_name="Ada")

    assert ["Ada"] == await names(crm)


async def test_a_role_is_a_person_with_it(crm: TestCrm) -> None:
    """`as_="sales"` sees their own records, and is the same person all through the test."""
    await crm.make("customer", display_name="Ada")
    await crm.make("customer", as_="sales", display_name="Own")

    assert (["Own"], ["Ada", "Own"]) == (await names(crm, as_="sales"), await names(crm, as_="viewer"))
    assert (await crm.actor("sales")).user_id == (await crm.actor("sales")).user_id


async def test_a_role_that_is_changed_counts_at_once(crm: TestCrm) -> None:
    """Rights are those of the moment, not those of the first call."""
    await crm.make("customer", display_name="Ada")
    assert [] == await names(crm, as_="sales")
    role = (await crm.database.fetch("select id from crm_role where key = 'sales'"))[0][0]
    sql = "select id from crm_role_permission where role_id = $1 and permission = 'customer:read'"
    (permission,) = (await crm.database.fetch(sql, role))[0]
    await crm.run(Actor.system(), lambda work: actions.update(work, "role_permission", permission, {"scope": "ALL"}))

    assert ["Ada"] == await names(crm, as_="sales")


async def test_a_person_is_their_row_or_id(crm: TestCrm) -> None:
    """A user that was made acts with the roles that were given; by row, UUID or the id for clients."""
    user = await crm.make("user", name="Eve")
    role = (await crm.database.fetch("select id from crm_role where key = 'viewer'"))[0][0]
    await crm.make("role_assignment", user=user, role_id=role)
    await crm.make("customer", display_name="Ada")

    assert [["Ada"]] * 3 == [await names(crm, as_=who) for who in (user, user["id"], user.shown_id)]


async def test_an_actor_is_taken_as_it_is(crm: TestCrm) -> None:
    """Both as `as_` and, as `Crm.execute` has it, as `actor`."""
    await crm.make("customer", display_name="Ada")
    eve = await crm.actor("viewer")

    assert [["Ada"]] * 2 == [await names(crm, as_=eve), await names(crm, actor=eve)]


async def test_an_unknown_role_is_named_with_those_there_are(crm: TestCrm) -> None:
    """A typing error does not make a person without rights."""
    with pytest.raises(errors.Invalid, match="no role 'seller'; there are admin, manager, sales, viewer"):
        await crm.execute(NAMES, as_="seller")


async def test_that_somebody_came_is_no_event_of_the_test(crm: TestCrm) -> None:
    """People who stand for a role leave no events."""
    await crm.actor("sales")

    assert [] == await crm.happened()
