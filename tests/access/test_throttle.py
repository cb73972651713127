"""Failed sign-ins make the next one wait, longer each time, in every process."""

from __future__ import annotations

import asyncio
from collections.abc import Callable

import pytest

from crmcore.access import throttle
from crmcore.database import Database
from crmcore.errors import RateLimited
from tests.access.conftest import Clock, House

EMAIL, ADDRESS = "ann@example.com", "192.0.2.7"


async def attempts(database: Database, count: int, email: str | None = EMAIL, address: str | None = None) -> int:
    """Make attempts that fail; return how many were let through."""
    through = 0
    for _ in range(count):
        try:
            await throttle.admit(database, throttle.counters(email, address))
        except RateLimited:
            continue
        through += 1
    return through


async def test_a_few_failures_are_free(house: House) -> None:
    """People mistype: five failures cost nothing, then one has to wait."""
    assert await attempts(house.database, 8) == 5


async def test_waiting_doubles(house: House, time: Clock) -> None:
    """After the free failures each one doubles the wait."""
    await attempts(house.database, 5)
    waits = [0] * 5
    for nth in range(5):
        while waits[nth] < 100 and not await attempts(house.database, 1):
            time.wait(seconds=1)
            waits[nth] += 1

    assert waits == [1, 2, 4, 8, 16]


async def test_waiting_has_an_end(house: House, time: Clock) -> None:
    """However often it failed, a quarter of an hour is the longest."""
    for _ in range(30):
        await attempts(house.database, 1)
        time.wait(seconds=900)

    assert await attempts(house.database, 1) == 1


async def test_attempts_while_waiting_do_not_prolong_it(house: House, time: Clock) -> None:
    """Somebody else's guessing cannot push the end of the wait away."""
    await attempts(house.database, 5)
    await attempts(house.database, 50)
    time.wait(seconds=1)

    assert await attempts(house.database, 1) == 1


async def test_the_message_says_when_to_come_back(house: House) -> None:
    """The wait is told in words."""
    await attempts(house.database, 5)

    with pytest.raises(RateLimited, match=r"try again in 1 second\."):
        await throttle.admit(house.database, throttle.counters(EMAIL, None))


async def test_success_clears_an_account(house: House) -> None:
    """Who got in starts anew."""
    await attempts(house.database, 4)
    await throttle.forgive(house.database, throttle.counters(EMAIL, None))

    assert await attempts(house.database, 8) == 5


async def test_success_takes_back_one_attempt_of_an_address(house: House) -> None:
    """One's own success does not clear what others, or oneself as others, failed from the same address."""
    await attempts(house.database, 29, None, ADDRESS)
    await throttle.forgive(house.database, throttle.counters(None, ADDRESS))

    assert await attempts(house.database, 5, None, ADDRESS) == 2


async def test_an_address_is_slowed_whatever_accounts_it_tries(house: House) -> None:
    """One password tried on many accounts is slowed too."""
    through = [await attempts(house.database, 1, f"user{n}@example.com", ADDRESS) for n in range(40)]

    assert sum(through) == 30


async def test_case_does_not_make_another_account(house: House) -> None:
    """Ann and ANN share a count."""
    await attempts(house.database, 5, "ANN@Example.com")

    assert await attempts(house.database, 1, EMAIL) == 0


async def test_an_ipv6_network_is_one_address(house: House) -> None:
    """A household's addresses share a count, and so do an IPv4 address and its mapped form."""
    one = {c.key for a in ("2001:db8::1", "2001:db8::ffff:2") for c in throttle.counters(None, a)}
    mapped = {c.key for a in ("::ffff:192.0.2.7", ADDRESS) for c in throttle.counters(None, a)}

    assert (len(one), len(mapped)) == (1, 1)


async def test_a_quiet_day_clears_everything(house: House, time: Clock) -> None:
    """Old failures are forgotten, and their rows go."""
    await attempts(house.database, 8)
    time.wait(days=1, seconds=1)
    await attempts(house.database, 1, "bob@example.com")

    assert await house.database.fetch_value("select count(*) from crm_sign_in_attempt") == 1


async def test_attempts_at_the_same_moment_are_counted(house: House) -> None:
    """Twenty at once get no further than five one after the other."""
    through = await asyncio.gather(*(attempts(house.database, 1) for _ in range(20)))

    assert sum(through) == 5


async def test_processes_share_the_count(house: House, another_house: Callable[[], House]) -> None:
    """What one process counted, another knows."""
    await attempts(house.database, 5)

    assert await attempts(another_house().database, 1) == 0


async def test_what_was_typed_is_not_kept(house: House) -> None:
    """The table holds digests: neither addresses nor e-mails, nor passwords typed into the wrong field."""
    await attempts(house.database, 1, EMAIL, ADDRESS)
    kept = str(await house.database.fetch_dicts("select * from crm_sign_in_attempt"))

    assert not any(text in kept for text in (EMAIL, ADDRESS, "ann"))
