"""Tiers in a CRM: what counts, who is told, what is written down."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta
from random import Random
from typing import Any

import pytest
from crmcore_loyalty import ledger, tiers
from crmcore_loyalty.earning import activities
from crmcore_loyalty.program.enrolling import enrol
from crmcore_loyalty.tiers import evaluate, measure, reading, recalculate, requalify
from crmcore_loyalty.tiers.events import LoyaltyTierAtRisk, LoyaltyTierChanged
from crmcore_loyalty.tiers.standing import standing_of

from crmcore import Access, Actor, ActorType, Scope, Work, actions, errors, ids
from crmcore.testing import TestCrm

MARCH = datetime(2027, 3, 1, 12, tzinfo=UTC)
LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)
#: By code: rank, threshold, percent.
RUNGS = {"SILVER": (1, 100, 110), "GOLD": (2, 500, 150), "BLACK": (3, 2000, 200)}


async def ladder(crm: TestCrm, **rules: Any) -> dict[str, Any]:
    """Make a ladder of three tiers in a program of its own; return its rows by what they are."""
    program = await crm.make("loyalty_program", status="ACTIVE", timezone=rules.pop("timezone", "UTC"))
    currency = await crm.make("loyalty_currency", program=program, pending_days=0, expiry="NEVER", kind="REDEEMABLE")
    given = {"metric": "POINTS", "period": "CALENDAR", "months": 12, "start_month": 1, "keep_periods": 1}
    given |= {"grace_days": 0, "downgrade": "ONE_LEVEL", "warn_days": 30, "counts_before": False}
    currency_id = currency["id"] if rules.get("metric", "POINTS") == "POINTS" else None
    group = await crm.make("loyalty_tier_group", program=program, currency_id=currency_id, **(given | rules))
    made = {"program": program, "currency": currency, "group": group}
    for code, (rank, threshold, percent) in RUNGS.items():
        made[code] = await crm.make(
            "loyalty_tier",
            group=group,
            code=code,
            name=code.title(),
            rank=rank,
            threshold=threshold,
            earn_percent=percent,
        )
    return made


async def member(crm: TestCrm, made: dict[str, Any]) -> dict[str, Any]:
    """Make a member of the program."""
    customer = await crm.make("customer")
    joined = MARCH - timedelta(days=400)
    row = await crm.run(
        Actor.system("test"), lambda work: enrol(work, made["program"]["id"], customer["id"], enrolled_at=joined)
    )
    return {**row, "shown_id": ids.encode("loyalty_member", row["id"])}


async def earn(crm: TestCrm, made: dict[str, Any], who: Any, points: int, **more: Any) -> dict[str, Any]:
    """Have a member earn points, and what follows done."""
    asked = ledger.Accrual(member_id=who["id"], currency_id=made["currency"]["id"], points=points, **more)
    row = await crm.run(Actor.system("test"), lambda work: ledger.accrue(work, asked), isolation="read committed")
    await crm.work_off()
    return row


async def standing(crm: TestCrm, who: Any) -> dict[str, Any]:
    """Return a member's one standing, as the API shows it."""
    text = """query ($id: ID!) { loyaltyMember(id: $id) { standings { nodes {
      tier { code } state until qualified missing keepMissing nextTier { code } reason } } } }"""
    answer = await crm.execute(text, {"id": who["shown_id"]})
    (node,) = answer["data"]["loyaltyMember"]["standings"]["nodes"]
    return {
        **node,
        "tier": node["tier"] and node["tier"]["code"],
        "nextTier": node["nextTier"] and node["nextTier"]["code"],
    }


async def shown(crm: TestCrm, who: Any, *names: str) -> tuple[Any, ...]:
    """Return some of that."""
    seen = await standing(crm, who)
    return tuple(seen[name] for name in names)


async def test_who_earns_enough_comes_up(crm: TestCrm) -> None:
    """Soon after the commit, with an event, an entry in the timeline of the customer, and what is missing for more."""
    crm.clock.set(MARCH)
    made = await ladder(crm)
    who = await member(crm, made)
    await earn(crm, made, who, 600)
    seen = await standing(crm, who)
    (event,) = await crm.happened(LoyaltyTierChanged)
    text = """query ($id: ID!) { loyaltyMember(id: $id) { customer { timeline(kinds: [LOYALTY_TIER]) {
      nodes { ... on LoyaltyTierChange { kind reason } } } } } }"""
    answer = await crm.execute(text, {"id": who["shown_id"]})

    assert {
        "tier": "GOLD", "state": "ACTIVE", "until": "2029-01-01T00:00:00.000000Z", "qualified": "600",
        "missing": "1400", "keepMissing": "0", "nextTier": "BLACK", "reason": None,
    } == seen  # fmt: skip
    assert (who["id"], None, made["GOLD"]["id"]) == (event.record_id, event.from_tier_id, event.to_tier_id)
    assert [
        {"kind": "UPGRADED", "reason": "600 and 0 points count, the present period first; Gold needs 500."}
    ] == answer["data"]["loyaltyMember"]["customer"]["timeline"]["nodes"]


async def test_a_reversal_takes_back_what_counted(crm: TestCrm) -> None:
    """In the period it was earned in."""
    crm.clock.set(MARCH)
    made = await ladder(crm)
    who = await member(crm, made)
    row = await earn(crm, made, who, 600)
    await crm.run(
        Actor.system("test"), lambda work: ledger.reverse(work, row["id"], points=300), isolation="read committed"
    )
    await crm.work_off()

    assert ("SILVER", "300") == await shown(crm, who, "tier", "qualified")


async def test_what_is_undone_later_counts_against_the_time_it_was_earned(crm: TestCrm) -> None:
    """Points of December that are taken back in March are none of the new year's."""
    crm.clock.set(datetime(2027, 1, 5, tzinfo=UTC))
    made = await ladder(crm, downgrade="RECOMPUTE")
    who = await member(crm, made)
    row = await earn(crm, made, who, 600, event_at=datetime(2026, 12, 20, tzinfo=UTC))
    before = await shown(crm, who, "tier", "qualified")
    crm.clock.set(MARCH)
    await crm.run(Actor.system("test"), lambda work: ledger.reverse(work, row["id"]), isolation="read committed")
    await crm.work_off()

    assert (("GOLD", "0"), (None, "0")) == (before, await shown(crm, who, "tier", "qualified"))


async def test_spending_points_costs_no_tier(crm: TestCrm) -> None:
    """What counts is what was earned."""
    crm.clock.set(MARCH)
    made = await ladder(crm)
    who = await member(crm, made)
    await earn(crm, made, who, 600)
    asked = ledger.Redemption(member_id=who["id"], currency_id=made["currency"]["id"], points=550)
    await crm.run(Actor.system("test"), lambda work: ledger.redeem(work, asked), isolation="read committed")
    await crm.work_off()

    assert ("GOLD", "600") == await shown(crm, who, "tier", "qualified")


async def test_time_alone_takes_a_tier(crm: TestCrm) -> None:
    """Members are warned a month ahead, land softly after the grace days, and keep that for a year."""
    crm.clock.set(MARCH)
    made = await ladder(crm, grace_days=31)
    who = await member(crm, made)
    await earn(crm, made, who, 600)
    seen = []
    for day in ("2028-12-10", "2029-01-02", "2029-02-02", "2030-02-02"):
        crm.clock.set(datetime.fromisoformat(f"{day}T01:00Z"))
        await crm.work_off()
        now = await standing(crm, who)
        seen.append((now["tier"], now["state"]))
    risks = await crm.happened(LoyaltyTierAtRisk)

    assert [("GOLD", "ACTIVE"), ("GOLD", "AT_RISK"), ("SILVER", "LANDED"), ("SILVER", "AT_RISK")][:3] == seen[:3]
    assert [(datetime(2029, 1, 1, tzinfo=UTC), 500), (datetime(2029, 2, 1, tzinfo=UTC), 500)] == [
        (risk.until, risk.missing) for risk in risks[:2]
    ]


async def test_what_orders_are_worth_counts(crm: TestCrm) -> None:
    """Paid orders in the ladder's money since the member joined, less refunds; not those of others."""
    crm.clock.set(MARCH)
    made = await ladder(crm, metric="SPEND", money="EUR")
    who = await member(crm, made)
    order = {"currency": "EUR", "status": "PAID", "placed_at": MARCH, "customer_id": who["customer_id"]}
    amounts = {"subtotal": 300, "total": 300, "discount": 0, "tax": 0, "shipping": 0}
    before = {"placed_at": MARCH - timedelta(days=410), "subtotal": 2500, "total": 2500}
    for more in ({}, {}, {"currency": "USD"}, {"status": "PLACED"}, before):
        await crm.make("order", **(order | amounts | more))
    await crm.work_off()

    assert ("GOLD", "600") == await shown(crm, who, "tier", "qualified")


async def test_a_tier_given_by_hand_ends(crm: TestCrm) -> None:
    """It is theirs whatever counts; then what counts is theirs."""
    crm.clock.set(MARCH)
    made = await ladder(crm)
    who = await member(crm, made)
    await earn(crm, made, who, 120)
    text = """mutation ($m: ID!, $t: ID!) { loyaltyOverrideTier(memberId: $m, tierId: $t, reason: "A partner",
      until: "2027-06-01T00:00:00Z") { ... on LoyaltyStanding { state reason tier { code } } ... on Problem { message } } }"""
    given = await crm.execute(text, {"m": who["shown_id"], "t": made["BLACK"].shown_id})
    crm.clock.set(datetime(2027, 6, 1, 1, tzinfo=UTC))
    await crm.work_off()
    after = await standing(crm, who)

    assert {"state": "OVERRIDDEN", "reason": "A partner", "tier": {"code": "BLACK"}} == given["data"][
        "loyaltyOverrideTier"
    ]
    assert ("SILVER", "ACTIVE", None) == (after["tier"], after["state"], after["reason"])


async def test_what_was_given_by_hand_can_be_taken_back(crm: TestCrm) -> None:
    """At once, and doing it again changes nothing."""
    crm.clock.set(MARCH)
    made = await ladder(crm)
    who = await member(crm, made)

    async def unit(work: Work) -> None:
        await tiers.by_hand.loyalty_override_tier(work, who["id"], made["BLACK"]["id"], "Once")
        for _ in "12":
            await tiers.by_hand.loyalty_release_tier(work, who["id"], made["group"]["id"])

    await crm.run(Actor.system("test"), unit, isolation="read committed")
    changes = [event.change for event in await crm.happened(LoyaltyTierChanged)]

    assert (["OVERRIDDEN", "DOWNGRADED"], None) == (changes, (await standing(crm, who))["tier"])


async def test_giving_tiers_is_a_right_of_its_own(crm: TestCrm) -> None:
    """Who may change members may not give them tiers; who may not see a member may not either."""
    made = await ladder(crm)
    who = await member(crm, made)
    entities = ("customer", "loyalty_member", "loyalty_tier", "loyalty_tier_group", "loyalty_program")
    rights = {f"{e}:{a}": Scope.ALL for e in entities for a in ("read", "update")}
    text = 'mutation ($m: ID!, $t: ID!) { loyaltyOverrideTier(memberId: $m, tierId: $t, reason: "No") { __typename ... on Problem { code } } }'
    codes = []
    for scopes, permissions in ((rights, ()), ({}, ("loyalty.tiers",)), (rights, ("loyalty.tiers",))):
        actor = Actor(ActorType.USER, None, "agent", access=Access(scopes=scopes, permissions=frozenset(permissions)))
        answer = await crm.execute(text, {"m": who["shown_id"], "t": made["GOLD"].shown_id}, actor=actor)
        codes.append(answer["data"]["loyaltyOverrideTier"].get("code"))

    assert ["FORBIDDEN", "NOT_FOUND", None] == codes


async def test_the_multiplier_is_that_of_the_highest_tier(crm: TestCrm) -> None:
    """1 without a tier, 1.5 for Gold here."""
    crm.clock.set(MARCH)
    made = await ladder(crm)
    gold, plain = await member(crm, made), await member(crm, made)
    await earn(crm, made, gold, 600)
    found = await crm.run(Actor.system("test"), lambda work: tiers.multipliers(work, [gold["id"], plain["id"]]))

    assert ["1.5", "1"] == [str(found[who["id"]]) for who in (gold, plain)]


async def test_other_rules_move_everybody(crm: TestCrm) -> None:
    """When a threshold is changed, all members are evaluated anew, once however many changes there were."""
    crm.clock.set(MARCH)
    made = await ladder(crm)
    who = await member(crm, made)
    await earn(crm, made, who, 600)
    for threshold in (700, 650):
        change = {"threshold": threshold}
        await crm.run(
            Actor.system("test"),
            lambda work, change=change: actions.update(work, "loyalty_tier", made["GOLD"]["id"], change),
        )
        crm.clock.move(seconds=1)
    crm.clock.move(seconds=10)
    await crm.work_off()

    assert ("SILVER", "50") == await shown(crm, who, "tier", "missing")


@pytest.mark.parametrize(
    ("values", "codes"),
    [
        ({"rank": 4, "threshold": 2000}, [("threshold", "OUT_OF_ORDER")]),
        ({"rank": 4, "threshold": 1999}, [("threshold", "OUT_OF_ORDER")]),
        ({"rank": 4, "threshold": -1}, [("threshold", "TOO_SMALL"), *[("threshold", "OUT_OF_ORDER")] * 3]),
        ({"rank": 4, "threshold": 2001}, []),
    ],
)
async def test_thresholds_rise_with_ranks(crm: TestCrm, values: dict[str, int], codes: list[tuple[str, str]]) -> None:
    """A tier that needs no more than the one below it is refused."""
    made = await ladder(crm)
    refused: list[tuple[str, str]] = []
    try:
        await crm.make("loyalty_tier", group=made["group"], code="X", **values)
    except errors.Invalid as problem:
        refused = [(v.path, v.code) for v in problem.violations]

    assert codes == refused


async def test_a_tier_with_members_is_not_deleted(crm: TestCrm) -> None:
    """One without is."""
    crm.clock.set(MARCH)
    made = await ladder(crm)
    await earn(crm, made, await member(crm, made), 600)
    with pytest.raises(errors.InUse):
        await crm.run(Actor.system("t"), lambda work: actions.delete(work, "loyalty_tier", made["GOLD"]["id"]))
    gone = await crm.run(Actor.system("t"), lambda work: actions.delete(work, "loyalty_tier", made["BLACK"]["id"]))

    assert MARCH == gone["deleted_at"]


async def test_why_and_what_if(crm: TestCrm) -> None:
    """Reasons in sentences; what would be with more, or later, of which nothing is written."""
    crm.clock.set(MARCH)
    made = await ladder(crm)
    who = await member(crm, made)
    await earn(crm, made, who, 450)
    text = """query ($m: ID!, $g: ID!) {
      why: loyaltyWhyTier(memberId: $m, groupId: $g) { code missing because changes }
      more: loyaltySimulateTier(memberId: $m, groupId: $g, more: "50") { code changes }
      later: loyaltySimulateTier(memberId: $m, groupId: $g, at: "2029-03-01T00:00:00Z") { code qualified } }"""
    answer = await crm.execute(text, {"m": who["shown_id"], "g": made["group"].shown_id})

    assert {
        "why": {
            "code": "SILVER",
            "missing": "50",
            "because": [
                "450 points count since 2027-01-01 and before 2028-01-01.",
                "Silver is theirs until 2029-01-01.",
                "50 points more are needed for Gold.",
            ],
            "changes": ["2027-03-01: 450 and 0 points count, the present period first; Silver needs 100."],
        },
        "more": {"code": "GOLD", "changes": ["500 and 0 points count, the present period first; Gold needs 500."]},
        "later": {"code": None, "qualified": "0"},
    } == answer["data"]
    assert "SILVER" == (await standing(crm, who))["tier"]


async def test_visits_count(crm: TestCrm) -> None:
    """Recorded actions of the ladder's kind, by when they happened."""
    crm.clock.set(MARCH)
    made = await ladder(crm, metric="VISITS", activity="VISIT")
    await crm.run(
        Actor.system("t"), lambda work: actions.update(work, "loyalty_tier", made["SILVER"]["id"], {"threshold": 2})
    )
    who = await member(crm, made)
    for action, days in (("VISIT", 1), ("REVIEW", 2), ("VISIT", 3)):
        at = MARCH - timedelta(days=days)
        await crm.run(
            Actor.system("test"),
            lambda work, action=action, at=at: activities.record(work, who["id"], action, occurred_at=at),
            isolation="read committed",
        )
    await crm.work_off()

    assert ("SILVER", "2") == await shown(crm, who, "tier", "qualified")


async def test_who_went_on_as_another_brings_their_history(crm: TestCrm) -> None:
    """What two members earned counts for the one that is left."""
    crm.clock.set(MARCH)
    made = await ladder(crm)
    first, second = await member(crm, made), await member(crm, made)
    await earn(crm, made, first, 300)
    await earn(crm, made, second, 250)
    await crm.run(
        Actor.system("test"),
        lambda work: ledger.merge(work, first["id"], second["id"]),
        isolation="read committed",
    )
    await crm.work_off()

    assert ("GOLD", "550") == await shown(crm, second, "tier", "qualified")


async def test_a_member_with_tiers_is_one_statement(crm: TestCrm) -> None:
    """With progress, risk, the next tier and the history."""
    crm.clock.set(MARCH)
    made = await ladder(crm)
    who = await member(crm, made)
    await earn(crm, made, who, 600)
    text = """query ($id: ID!) { loyaltyMember(id: $id) {
      balances { nodes { available } }
      standings { nodes { tier { code benefits } nextTier { code } missing keepMissing until state group { name } } }
      tierChanges(first: 5) { nodes { kind reason toTier { code } } }
      ledger(first: 20) { nodes { amount } } } }"""
    with crm.assert_queries(1):
        answer = await crm.execute(text, {"id": who["shown_id"]})

    assert "BLACK" == answer["data"]["loyaltyMember"]["standings"]["nodes"][0]["nextTier"]["code"]


async def test_whoever_evaluates_last_has_seen_all(crm: TestCrm) -> None:
    """A standing is locked before what counts is read: who waited for it does not write what is out of date."""
    crm.clock.set(MARCH)
    made = await ladder(crm)
    who = await member(crm, made)
    await crm.work_off()
    (rules,) = await reading.ladders(crm.database)
    locked, earned = asyncio.Event(), asyncio.Event()
    if crm.database.dialect == "sqlite":
        earned.set()

    async def slow(work: Work) -> None:
        await requalify.locked(work, rules, [who["id"]])
        locked.set()
        await earned.wait()

    async def late() -> None:
        await locked.wait()
        waiting = asyncio.create_task(_requalify(crm, rules, who))
        await asyncio.sleep(0.2)
        asked = ledger.Accrual(member_id=who["id"], currency_id=made["currency"]["id"], points=600)
        if crm.database.dialect == "postgresql":
            await crm.run(Actor.system("test"), lambda work: ledger.accrue(work, asked), isolation="read committed")
        earned.set()
        await waiting

    await asyncio.gather(crm.run(Actor.system("slow"), slow, isolation="read committed"), late())
    expected = ("GOLD", "600") if crm.database.dialect == "postgresql" else (None, "0")

    assert expected == await shown(crm, who, "tier", "qualified")


async def _requalify(crm: TestCrm, rules: Any, who: Any) -> None:
    await crm.run(
        Actor.system("late"), lambda work: requalify.requalify(work, rules, [who["id"]]), isolation="read committed"
    )


async def test_looking_twice_changes_nothing(crm: TestCrm) -> None:
    """Handlers and jobs may be told twice: no standing, change or event more."""
    crm.clock.set(MARCH)
    made = await ladder(crm)
    who = await member(crm, made)
    await earn(crm, made, who, 600)
    (rules,) = await reading.ladders(crm.database)
    changed = [await recalculate.recalculate(crm, Actor.system("again"), rules) for _ in "12"]

    assert ([(1, 0), (1, 0)], 1) == (changed, len(await crm.happened(LoyaltyTierChanged)))


async def test_a_standing_that_was_changed_is_found(crm: TestCrm) -> None:
    """By evaluating all anew, without writing."""
    crm.clock.set(MARCH)
    made = await ladder(crm)
    who = await member(crm, made)
    await earn(crm, made, who, 600)
    (rules,) = await reading.ladders(crm.database)
    found = []
    for _ in "12":
        differ = recalculate.differing(crm, Actor.system("check"), rules)
        found.append([(row["member_id"], evaluation.qualified) async for row, evaluation in differ])
        await crm.database.execute("update loyalty_standing set qualified = 2000")

    assert [[], [(who["id"], 600)]] == found


async def test_the_sums_of_the_database_are_those_of_the_days(crm: TestCrm) -> None:
    """Whether what counts is read day by day or summed by period, the outcome is the same."""
    crm.clock.set(MARCH)
    made = await ladder(crm, grace_days=45)
    people = [(await member(crm, made))["id"] for _ in range(4)]
    random = Random(3)
    for _ in range(12):
        at = MARCH - timedelta(days=random.randrange(29))
        asked = ledger.Accrual(
            member_id=random.choice(people), currency_id=made["currency"]["id"],
            points=random.randrange(10, 400), event_at=at,
        )  # fmt: skip
        await crm.run(
            Actor.system("test"), lambda work, asked=asked: ledger.accrue(work, asked), isolation="read committed"
        )
    compared = 0
    for day in ("2027-03-01", "2029-01-10", "2029-02-20", "2030-03-01", "2036-01-20"):
        crm.clock.set(datetime.fromisoformat(f"{day}T12:00Z"))
        now = crm.clock.now()
        (rules,) = await reading.ladders(crm.database)
        rows = await crm.run(Actor.system("t"), lambda work, rules=rules: requalify.locked(work, rules, people))
        ended = requalify.oldest(rows, now)
        cuts = requalify.cuts(rules, now, ended)
        assert cuts is not None
        rows = [row for row in rows if requalify.at_cuts(rules, row, cuts, now, ended)]
        compared += len(rows)
        found = []
        for by in (cuts, None):
            what = await measure.histories(crm.database, rules, [row["member_id"] for row in rows], LONG_AGO, by)
            found.append([_evaluated(rules, row, what, now) for row in rows])
        await crm.work_off()

        assert found[0] == found[1]
    assert compared >= 8


def _evaluated(rules: Any, row: Any, what: Any, now: datetime) -> Any:
    return evaluate.evaluate(rules, row["enrolled_at"], what.get(row["member_id"], ()), standing_of(row), now)
