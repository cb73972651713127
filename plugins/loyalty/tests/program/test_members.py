"""Members join, are frozen, leave and are forgotten; their ledger stays."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from crmcore_loyalty import ledger
from crmcore_loyalty.community.households import loyalty_create_household
from crmcore_loyalty.ledger import Accrual
from crmcore_loyalty.program import numbers
from crmcore_loyalty.program.enrolling import enrol
from crmcore_loyalty.program.events import LoyaltyMemberClosed, LoyaltyMemberFrozen, LoyaltyMemberUnfrozen
from crmcore_loyalty.program.leaving import loyalty_close, loyalty_freeze, loyalty_unfreeze

from crmcore import Actor, actions, errors
from crmcore.testing import TestCrm

SYSTEM = Actor.system("test")
ENROL = """mutation ($customer: ID!, $program: ID!, $number: String) {
  loyaltyEnrol(customerId: $customer, programId: $program, number: $number) {
    __typename ... on LoyaltyMember { id number status } ... on Problem { code violations { path code } } } }"""

_PROBLEM = "... on Problem { code violations { path code } }"


async def test_enrolling_gives_a_number_and_accounts(crm: TestCrm) -> None:
    """One account in each currency of the program; enrolling again finds the member."""
    currency = await crm.make("loyalty_currency")
    customer = await crm.make("customer")
    given = {"customer": customer.shown_id, "program": f"loyalty_program_{currency['program_id']}"}
    first, second = [(await crm.execute(ENROL, given))["data"]["loyaltyEnrol"] for _ in range(2)]
    accounts = await crm.database.fetch("select available from loyalty_account")

    assert (first, [(0,)]) == (second, accounts)
    assert ("LoyaltyMember", "ACTIVE", True) == (
        first["__typename"],
        first["status"],
        numbers.is_checked(first["number"]),
    )


async def test_a_customer_joins_once_however_many_enrol_them(crm: TestCrm) -> None:
    """Five at the same time make one member."""
    program, customer = await crm.make("loyalty_program"), await crm.make("customer")
    units = [lambda work: enrol(work, program["id"], customer["id"]) for _ in range(5)]
    made = await asyncio.gather(*(crm.run(SYSTEM, unit, isolation="read committed") for unit in units))

    assert 1 == len({member["id"] for member in made})


async def test_what_cannot_be_is_told_at_once(crm: TestCrm) -> None:
    """A number that is taken, a time that is to come, a referrer of another program."""
    program, other = await crm.make("loyalty_program"), await crm.make("loyalty_program")
    ada, bob = [await crm.make("customer") for _ in range(2)]
    known = await crm.run(SYSTEM, lambda work: enrol(work, program["id"], ada["id"], number="CARD-0001"))
    wrong = {"number": "CARD-0001", "referrer_id": known["id"], "enrolled_at": crm.clock.now() + timedelta(days=1)}
    with pytest.raises(errors.Invalid) as taken:
        await crm.run(SYSTEM, lambda work: enrol(work, program["id"], bob["id"], **wrong))
    with pytest.raises(errors.Invalid) as foreign:
        await crm.run(SYSTEM, lambda work: enrol(work, other["id"], bob["id"], number="?", referrer_id=known["id"]))

    assert ["TAKEN", "IN_THE_FUTURE"] == [one.code for one in taken.value.violations]
    assert ["MALFORMED", "NOT_ANOTHER_MEMBER"] == [one.code for one in foreign.value.violations]


async def test_everybody_joins_where_the_program_says_so(crm: TestCrm) -> None:
    """Soon after they became customers."""
    await crm.make("loyalty_program", join_policy="BY_HAND")
    program = await crm.make("loyalty_program", join_policy="EVERYBODY")
    customer = await crm.make("customer")
    await crm.work_off()
    joined = await crm.database.fetch("select program_id, customer_id from loyalty_member")

    assert [(program["id"], customer["id"])] == joined


async def test_a_frozen_member_thaws_again(crm: TestCrm) -> None:
    """With events that say why; doing it twice changes nothing."""
    member = await _member(crm)
    for action in (loyalty_freeze, loyalty_freeze, loyalty_unfreeze, loyalty_unfreeze):
        after = await crm.run(SYSTEM, lambda work, do=action: do(work, member["id"], "Looks odd."))

    assert ("ACTIVE", member["version"] + 2) == (after["status"], after["version"])
    assert ["Looks odd."] == [event.reason for event in await crm.happened(LoyaltyMemberFrozen)]
    assert 1 == len(await crm.happened(LoyaltyMemberUnfrozen))


async def test_who_leaves_loses_their_points(crm: TestCrm) -> None:
    """Leaving twice is leaving once; a member who has left is not frozen any more."""
    member = await _member(crm, points=50)
    closed = [await crm.run(SYSTEM, lambda work: loyalty_close(work, member["id"], "Moved.")) for _ in range(2)]

    assert ["CLOSED", "CLOSED"] == [one["status"] for one in closed]
    assert (0, 1) == (await _available(crm), len(await crm.happened(LoyaltyMemberClosed)))
    with pytest.raises(errors.Invalid, match="has left"):
        await crm.run(SYSTEM, lambda work: loyalty_freeze(work, member["id"], "Late."))


async def test_who_left_may_join_again(crm: TestCrm) -> None:
    """As a new member, from nothing."""
    member = await _member(crm, points=50)
    await crm.run(SYSTEM, lambda work: loyalty_close(work, member["id"], None))
    again = await crm.run(SYSTEM, lambda work: enrol(work, member["program_id"], member["customer_id"]))

    assert (True, "ACTIVE") == (again["id"] != member["id"], again["status"])


async def test_a_forgotten_customer_leaves_a_whole_ledger(crm: TestCrm) -> None:
    """The member is closed, leads to nobody, and what its entries add up to is nothing."""
    member = await _member(crm, points=50)
    await crm.run(SYSTEM, lambda work: actions.delete(work, "customer", member["customer_id"]))
    await crm.run(SYSTEM, lambda work: actions.destroy(work, "customer", member["customer_id"]))
    (left,) = await crm.database.fetch("select customer_id, status from loyalty_member")
    sums = await crm.database.fetch("select sum(amount) from loyalty_entry group by transaction_id")

    assert ((None, "CLOSED"), 0) == (left, await _available(crm))
    assert [(0,), (0,)] == [(int(total),) for (total,) in sums]


async def test_a_household_outlives_who_is_forgotten(crm: TestCrm) -> None:
    """Its pool never was a customer's, and stays."""
    member = await _member(crm)
    await crm.run(SYSTEM, lambda work: loyalty_create_household(work, [member["id"]]), isolation="read committed")
    await crm.run(SYSTEM, lambda work: actions.delete(work, "customer", member["customer_id"]))
    await crm.run(SYSTEM, lambda work: actions.destroy(work, "customer", member["customer_id"]))
    left = await crm.database.fetch("select status from loyalty_member order by status")

    assert [("ACTIVE",), ("CLOSED",)] == left


async def test_who_enrols_needs_the_right_and_the_customer(crm: TestCrm) -> None:
    """Seeing neither program nor customer, nobody is enrolled."""
    program, customer = await crm.make("loyalty_program"), await crm.make("customer")
    given = {"customer": customer.shown_id, "program": program.shown_id}
    answer = await crm.execute(ENROL, given, as_="viewer")

    assert "FORBIDDEN" == answer["data"]["loyaltyEnrol"]["code"]


async def test_members_are_never_deleted(crm: TestCrm) -> None:
    """The ledger needs them."""
    member = await _member(crm)
    with pytest.raises(errors.Invalid, match="loyaltyClose"):
        await crm.run(SYSTEM, lambda work: actions.delete(work, "loyalty_member", member["id"]))


async def test_a_currency_says_plainly_when_its_points_expire(crm: TestCrm) -> None:
    """And its set-up cannot contradict itself."""
    program = await crm.make("loyalty_program")
    wrong = {
        "NOT_WHOLE_YEARS": {"expiry": "CALENDAR", "expiry_months": 13},
        "REQUIRED": {"expiry": "ROLLING", "expiry_months": 0, "expiry_days": 0},
        "TOO_LARGE": {"floor": 1},
        "NOT_REDEEMABLE": {"kind": "QUALIFYING", "transferable": True},
    }
    for code, said in wrong.items():
        values = {"program_id": program["id"], "code": code, "name": code} | said
        with pytest.raises(errors.Invalid) as refused:
            await crm.run(SYSTEM, lambda work, given=values: actions.create(work, "loyalty_currency", given))

        assert [code] == [violation.code for violation in refused.value.violations]


@pytest.mark.parametrize(
    ("field", "value"),
    [("expiryMonths", "1201"), ("expiryDays", "36501"), ("pendingDays", "3651"), ("holdMinutes", "527041")],
)
async def test_a_currency_counts_no_further_than_calendars_do(crm: TestCrm, field: str, value: str) -> None:
    """A hundred years are enough; more was taken once, and then no point could be earned any more."""
    program = await crm.make("loyalty_program")
    said = f'programId: "{program.shown_id}", code: "P", name: "Points", {field}: {value}'
    answer = await crm.execute(f"mutation {{ it: createLoyaltyCurrency(data: {{ {said} }}) {{ {_PROBLEM} }} }}")

    assert ("VALIDATION", (f"data.{field}", "TOO_LARGE")) == (
        answer["data"]["it"]["code"],
        tuple(answer["data"]["it"]["violations"][0].values()),
    )


async def test_what_members_hold_stays(crm: TestCrm) -> None:
    """Neither a program with members nor a currency with points is deleted, and no scale is changed under them."""
    member = await _member(crm, points=50)
    (currency,) = await crm.run(SYSTEM, lambda work: work.find("loyalty_currency"))
    for change in (
        lambda work: actions.delete(work, "loyalty_program", member["program_id"]),
        lambda work: actions.delete(work, "loyalty_currency", currency["id"]),
        lambda work: actions.update(work, "loyalty_currency", currency["id"], {"scale": 2}),
    ):
        with pytest.raises(errors.Invalid) as refused:
            await crm.run(SYSTEM, change)

        assert ["IN_USE"] == [violation.code for violation in refused.value.violations]


def test_numbers_are_checked_as_iso_7064_says() -> None:
    """The published example of MOD 37-2, the donation number G1234 98 654321, has H."""
    assert "H" == numbers.check_character("G123498654321")


def test_a_misread_number_is_noticed() -> None:
    """Each single misread and each swap of neighbours; hyphens and case do not matter."""
    number = numbers.make()
    plain = number.replace("-", "")
    misread = [plain[:n] + other + plain[n + 1 :] for n in range(12) for other in "0129AZ" if other != plain[n]]
    swapped = [plain[:n] + plain[n + 1] + plain[n] + plain[n + 2 :] for n in range(11) if plain[n] != plain[n + 1]]

    assert numbers.is_checked(number.lower())
    assert [] == [one for one in (*misread, *swapped) if numbers.is_checked(one)]


async def _member(crm: TestCrm, points: int = 0) -> dict[str, object]:
    program, customer = await crm.make("loyalty_program"), await crm.make("customer")
    currency = await crm.make(
        "loyalty_currency", program=program, scale=0, expiry="NEVER", pending_days=0, kind="REDEEMABLE", floor=0
    )
    member = await crm.run(SYSTEM, lambda work: enrol(work, program["id"], customer["id"]))
    if points:
        earned = Accrual(member_id=member["id"], currency_id=currency["id"], points=points)
        await crm.run(SYSTEM, lambda work: ledger.accrue(work, earned), isolation="read committed")
    return member


async def _available(crm: TestCrm) -> int:
    return int(await crm.database.fetch_value("select sum(available) from loyalty_account"))
