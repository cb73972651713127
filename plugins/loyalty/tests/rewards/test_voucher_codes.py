"""Who has a code has money: how it is made, how long it counts, and what guessing brings."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
from rewards_stage import asked, eur, word
from voucher_stage import ISSUE, REDEEM, RETURN, code_of, issued

from crmcore import Access, Actor, ActorType, Scope
from crmcore.testing import TestCrm

NOON = datetime(2027, 3, 1, 12, tzinfo=UTC)


async def test_codes_are_shown_once(crm: TestCrm) -> None:
    """The same request again gives the vouchers without their codes, which nobody has any more."""
    program = (await crm.make("loyalty_program")).shown_id
    made = {"program": program, "kind": "GIFT_CARD", "value": eur("50"), "n": 3, "key": "one"}
    first, second = [await asked(crm, ISSUE, **made) for _ in "12"]
    kept = await crm.database.fetch("select outcome from crm_idempotency_key")

    assert (3, None) == (len(set(first["codes"])), second["codes"])
    assert first["vouchers"] == second["vouchers"]
    assert not any(code[:9] in str(kept) for code in first["codes"])


async def test_a_code_stands_nowhere_in_the_database(crm: TestCrm) -> None:
    """Neither in tables nor in events: only its digest, and its last letters on the voucher."""
    code = (await code_of(crm, "GIFT_CARD")).replace("-", "")
    rows = await crm.database.fetch("select * from loyalty_voucher") + await crm.database.fetch(
        "select * from loyalty_voucher_code"
    )
    told = [str(event) for event in await crm.happened()]

    assert not any(code[:20] in text.replace("-", "") for text in (str(rows), *told))


async def test_an_expired_code_counts_no_more(crm: TestCrm) -> None:
    """From the very instant on."""
    crm.clock.set(NOON)
    code = await code_of(crm, "VOUCHER", until=(NOON + timedelta(days=1)).isoformat())
    crm.clock.set(NOON + timedelta(days=1))
    late = await asked(crm, REDEEM, code=code)
    crm.clock.set(NOON + timedelta(days=1) - timedelta(microseconds=1))
    used = await asked(crm, REDEEM, code=code)

    assert ("VOUCHER_EXPIRED", "REDEEMED") == (word(late), used["voucher"]["status"])


@pytest.mark.parametrize("word_for_it", ["loyaltyVoidVoucher", "loyaltyReissueVoucher"])
async def test_a_code_that_was_replaced_or_voided_counts_no_more(crm: TestCrm, word_for_it: str) -> None:
    """Whoever finds the old one has nothing."""
    made = await issued(crm, "VOUCHER")
    shown = "... on LoyaltyVouchersIssued { codes } " if "Reissue" in word_for_it else ""
    text = f"mutation ($id: ID!) {{ done: {word_for_it}(id: $id) {{ __typename {shown}}} }}"
    done = await asked(crm, text, id=made["vouchers"][0]["id"])
    old = await asked(crm, REDEEM, code=made["codes"][0])
    new = [await asked(crm, REDEEM, code=code) for code in done.get("codes", [])]

    assert word(old) in ("VOUCHER_VOID", "UNKNOWN_CODE")
    assert all("amount" in one for one in new)


async def test_a_void_voucher_stays_void(crm: TestCrm) -> None:
    """It has no new code, takes nothing back, and is void however often somebody says so."""
    made = await issued(crm, "GIFT_CARD")
    id = made["vouchers"][0]["id"]
    use = await asked(crm, REDEEM, code=made["codes"][0], amount=eur("10"))
    void = "mutation ($id: ID!) { loyaltyVoidVoucher(id: $id) { ... on LoyaltyVoucher { status version } } }"
    first, second = [await asked(crm, void, id=id) for _ in "12"]
    text = "mutation ($id: ID!) { loyaltyReissueVoucher(id: $id) { ... on Problem { code violations { path code } } } }"
    codes = [word(await asked(crm, text, id=id)), word(await asked(crm, RETURN, use=use["id"]))]

    assert first == second
    assert ["VOUCHER_USED", "VOUCHER_VOID"] == codes


@pytest.mark.crm_settings(plugins={"loyalty": {"wrong_codes": 3}})
async def test_who_guesses_has_to_wait(crm: TestCrm) -> None:
    """Wrong codes are counted though each was refused; misread ones are not; after an hour it begins anew."""
    crm.clock.set(NOON)
    made = await issued(crm, "VOUCHER", n=4)
    for voucher in made["vouchers"][:3]:
        text = "mutation ($id: ID!) { loyaltyReissueVoucher(id: $id) { __typename } }"
        await asked(crm, text, id=voucher["id"])
    gone, right = made["codes"][:3], made["codes"][3]
    misread = await asked(crm, REDEEM, code="0000-0000")
    wrong = [await asked(crm, REDEEM, code=code) for code in gone]
    waiting = await asked(crm, REDEEM, code=right)
    crm.clock.set(NOON + timedelta(hours=1))
    used = await asked(crm, REDEEM, code=right)

    assert ("MALFORMED", ["UNKNOWN_CODE"] * 3) == (word(misread), [word(one) for one in wrong])
    assert ("RATE_LIMITED", "REDEEMED") == (waiting["code"], used["voucher"]["status"])


async def test_what_is_worth_nothing_is_not_made(crm: TestCrm) -> None:
    """Each is refused with the argument that is wrong."""
    wrong: list[tuple[str, dict[str, Any], str]] = [
        ("DISCOUNT", {"value": eur("5"), "percent": None}, "percent"),
        ("DISCOUNT", {"percent": 101}, "percent"),
        ("VOUCHER", {"value": None}, "value"),
        ("GIFT_CARD", {"value": eur("0")}, "value"),
        ("VOUCHER", {"until": "2020-01-01T00:00:00Z"}, "expiresAt"),
        ("VOUCHER", {"n": 501}, "count"),
    ]
    refused = [await issued(crm, kind, **worth) for kind, worth, _ in wrong]

    assert [path for *_, path in wrong] == [one["violations"][0]["path"] for one in refused]


async def test_vouchers_are_money(crm: TestCrm) -> None:
    """To make, void or give back is a right of its own; to pay with one is that of spending points."""
    code = await code_of(crm, "VOUCHER")
    made = await issued(crm, "VOUCHER")
    every = {f"{e}:read": Scope.ALL for e in ("customer", "loyalty_program")}
    nobody, till = [
        Actor(ActorType.USER, None, "somebody", access=Access(scopes=every, permissions=frozenset(rights)))
        for rights in ((), ("loyalty.redeem",))
    ]
    void = "mutation ($id: ID!) { loyaltyVoidVoucher(id: $id) { ... on Problem { code } } }"
    refused = [
        await asked(crm, REDEEM, code=code, actor=nobody),
        await asked(crm, void, id=made["vouchers"][0]["id"], actor=till),
        await asked(crm, ISSUE, program="loyalty_program_" + str(uuid4()), kind="VOUCHER", actor=till),
    ]

    assert ["FORBIDDEN"] * 3 == [one["code"] for one in refused]
    assert "50.00" == (await asked(crm, REDEEM, code=code, actor=till))["amount"]["amount"]
