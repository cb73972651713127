"""Fill a CRM with demonstration data: the same scenario, seed and size make the same rows, to the byte."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TYPE_CHECKING

from crmcore.errors import Invalid
from crmcore.interchange.seed.calendar import Calendar
from crmcore.interchange.seed.customers import Customers
from crmcore.interchange.seed.scenarios import SCENARIOS, Scenario
from crmcore.interchange.seed.seeding import Progress, Seeding
from crmcore.interchange.seed.setup import make_setup
from crmcore.interchange.seed.team import make_team

if TYPE_CHECKING:
    from crmcore.app import Crm

__all__ = ["SEED", "SIZE", "UNTIL", "seed"]

SEED = 1
SIZE = 1000
#: The day the data's two years end on, unless another is asked for. Fixed, so that seeds mean the same tomorrow.
UNTIL = date(2026, 10, 1)
_YEARS = timedelta(days=730)
_BATCH = 200


async def seed(
    crm: Crm,
    scenario: str = "b2b",
    *,
    seed: int = SEED,
    size: int = SIZE,
    until: date = UNTIL,
    progress: Progress | None = None,
) -> int:
    """Add invented users, customers, interactions and deals, in one transaction.

    Rows are written in bulk and satisfy what the actions would have made sure of; no events are told.

    Args:

        crm: a started CRM; what is in it stays.
        scenario: a key of `SCENARIOS`.
        seed: another number makes other people.
        size: how many customers.
        until: the day the two years of history end on; give today's for a demonstration that looks alive.
        progress: is told how many customers were made, and how many were asked for.

    Returns:

        how many rows were written.

    Raises:

        Invalid: there is no such scenario, or the size is less than 1.
        Conflict: the same data is there already.
    """
    if scenario not in SCENARIOS:
        raise Invalid.at(
            "scenario", "UNKNOWN_VALUE", f"There is no scenario {scenario!r}; there are {', '.join(SCENARIOS)}."
        )
    if size < 1:
        raise Invalid.at("size", "TOO_SMALL", f"{size} customers cannot be made; ask for 1 or more.")
    told = SCENARIOS[scenario]

    async def everything() -> int:
        async with crm.database.transaction():
            seeding = _seeding(crm, told, seed, size, until)
            await _make(seeding, told, progress)
            await crm.plugins.seed(seeding)
            await seeding.flush()
            return seeding.rows

    return await crm.database.retrying(everything)


def _seeding(crm: Crm, scenario: Scenario, seed: int, size: int, until: date) -> Seeding:
    calendar = Calendar(until - _YEARS, until, scenario.weekdays, scenario.months, scenario.hours, scenario.growth)
    return Seeding(crm, scenario.name, seed, size, calendar, datetime.combine(until, time(), UTC))


async def _make(seeding: Seeding, scenario: Scenario, progress: Progress | None) -> None:
    sellers = await make_team(seeding)
    setup = await make_setup(seeding, scenario)
    customers = Customers(seeding, scenario, setup, sellers)
    made = 0
    while made < seeding.size:
        before = made
        made += customers.make(seeding.size - made)
        if made // _BATCH != before // _BATCH or made == seeding.size:
            await seeding.flush()
            if progress is not None:
                progress(made, seeding.size)
