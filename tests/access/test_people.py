"""The rules of users and teams."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from uuid import UUID

import pytest

from crmcore.access import accounts
from crmcore.access.actor import Actor
from crmcore.entities import actions
from crmcore.entities.work import Work
from crmcore.errors import Duplicate, Forbidden, Invalid, NotFound
from tests.access.conftest import PASSWORD, House


async def test_an_email_is_kept_in_lower_case(house: House) -> None:
    """So that it is found however it is typed."""
    await house.user("Ann", email="Ann@Example.com")

    assert (await house.do(accounts.find_user, "ANN@example.COM"))["email"] == "ann@example.com"


async def test_two_people_do_not_share_an_email(house: House) -> None:
    """Whatever the case."""
    await house.user("Ann", email="ann@example.com")

    with pytest.raises(Duplicate, match=r"already has email ann@example\.com"):
        await house.user("Anne", email="ANN@example.com")


async def test_the_email_of_a_deleted_person_is_free(house: House) -> None:
    """Unique keys ignore deleted rows."""
    await house.do(actions.delete, "user", await house.user("Ann", email="ann@example.com"))

    assert await house.user("Anne", email="ann@example.com")


async def test_many_people_have_no_email(house: House) -> None:
    """People who own records and never sign in need none."""
    assert await house.user("Ann") != await house.user("Bob")


async def test_an_unknown_email_is_told(house: House) -> None:
    """The command line's user learns how to see those there are."""
    with pytest.raises(NotFound, match="crm user list"):
        await house.do(accounts.find_user, "nobody@example.com")


async def test_a_weak_password_makes_no_account(house: House) -> None:
    """The person is not made either."""
    with pytest.raises(Invalid, match="12 to 1024 characters"):
        await house.user("Ann", email="ann@example.com", password="short")

    assert await house.do(lambda work: work.find("user")) == []


async def test_a_password_is_in_no_row_of_an_entity(house: House, quick_passwords: None) -> None:
    """Hashes stand in a table that no generic path reads."""
    await house.user("Ann", email="ann@example.com", password=PASSWORD)
    rows = {
        name: await house.database.fetch_dicts(f"select * from {e.tablename}") for name, e in house.entities.items()
    }

    assert "argon2" not in str(rows)


async def test_a_team_is_not_part_of_itself(house: House) -> None:
    """Neither directly nor through its sub-teams."""
    above = await house.team("Country")
    below = await house.team("City", parent=await house.team("North", parent=above))

    with pytest.raises(Invalid, match="sub-teams"):
        await house.do(actions.update, "team", above, {"parent_id": below})


async def test_everybody_may_know_colleagues_and_change_none(house: House) -> None:
    """Reading users is in all default roles, writing them in none but the administrator's."""
    await house.role("keeper", {"user:read": "ALL"})
    ann = await house.actor(await house.user("Ann", "keeper"))

    with pytest.raises(Forbidden):
        await house.do(actions.update, "user", ann.user_id, {"name": "Anna"}, by=ann)


LAST = r"give an administrator's role to somebody else first"


@pytest.fixture
async def admin(house: House) -> UUID:
    """The only administrator."""
    await house.role("admin", everything=True)
    return await house.user("Root", "admin")


async def attempt(house: House, what: str, user: UUID) -> object:
    role = (await house.do(lambda work: work.find("role", key="admin")))[0]["id"]
    given = (await house.do(lambda work: work.find("role_assignment", user_id=user)))[0]["id"]
    other = await house.user("Other")
    calls: dict[str, Callable[[], object]] = {
        "deactivate": lambda: house.do(actions.update, "user", user, {"is_active": False}),
        "delete user": lambda: house.do(actions.delete, "user", user),
        "destroy user": lambda: house.do(actions.destroy, "user", user),
        "take role": lambda: house.do(accounts.take_role, user, "admin"),
        "destroy assignment": lambda: house.do(actions.destroy, "role_assignment", given),
        "hand over": lambda: house.do(actions.update, "role_assignment", given, {"user_id": other}),
        "weaken role": lambda: house.do(actions.update, "role", role, {"everything": False}),
        "delete role": lambda: house.do(actions.delete, "role", role),
        "destroy role": lambda: house.do(actions.destroy, "role", role),
    }
    return await calls[what]()  # type: ignore[misc]


WAYS = [
    "deactivate", "delete user", "destroy user", "take role", "destroy assignment",
    "hand over", "weaken role", "delete role", "destroy role",
]  # fmt: skip


@pytest.mark.parametrize("way", WAYS)
async def test_the_last_administrator_stays(house: House, admin: UUID, way: str) -> None:
    """However it is tried, somebody may do everything afterwards."""
    with pytest.raises(Invalid, match=LAST):
        await attempt(house, way, admin)


@pytest.mark.parametrize("way", WAYS[:6])
async def test_one_of_two_administrators_may_go(house: House, admin: UUID, way: str) -> None:
    """As long as another one stays."""
    await house.user("Second", "admin")

    assert await attempt(house, way, admin)


async def test_an_inactive_administrator_does_not_count(house: House, admin: UUID) -> None:
    """Somebody who cannot sign in is no administrator who is left."""
    second = await house.user("Second", "admin")
    await house.do(actions.update, "user", second, {"is_active": False})

    with pytest.raises(Invalid, match=LAST):
        await house.do(actions.delete, "user", admin)


async def test_people_without_rights_come_and_go(house: House) -> None:
    """Where nobody is an administrator yet, the rule is not in the way."""
    assert await house.do(actions.delete, "user", await house.user("Ann"))


async def test_two_administrators_cannot_remove_each_other_at_once(
    house: House, admin: UUID, another_house: Callable[[], House]
) -> None:
    """The second waits for the first, and then finds that nobody else is left."""
    second, removed, committed = await house.user("Second", "admin"), asyncio.Event(), asyncio.Event()

    async def hesitate(work: Work) -> None:
        await actions.update(work, "user", admin, {"is_active": False})
        removed.set()
        await committed.wait()

    first = asyncio.create_task(house.run(Actor.system(), hesitate))
    await removed.wait()
    other = asyncio.create_task(another_house().do(actions.update, "user", second, {"is_active": False}))
    overtaken, _ = await asyncio.wait({other}, timeout=0.3)
    committed.set()
    await first

    assert not overtaken
    with pytest.raises(Invalid, match=LAST):
        await other
