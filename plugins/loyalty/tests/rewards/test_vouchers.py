"""Vouchers, gift cards and discounts are paid with, each part of them once, and given back to."""

from __future__ import annotations

import asyncio
from uuid import uuid4

from rewards_stage import asked, eur, word
from voucher_stage import REDEEM, RETURN, code_of

from crmcore import ids
from crmcore.testing import TestCrm


async def test_a_voucher_is_used_once(crm: TestCrm) -> None:
    """All of it; the second time it is declined."""
    code = await code_of(crm, "VOUCHER")
    first, second = [await asked(crm, REDEEM, code=code) for _ in "12"]

    assert ({"amount": "50.00", "currency": "EUR"}, "REDEEMED") == (first["amount"], first["voucher"]["status"])
    assert ("DECLINED", "VOUCHER_USED") == (second["code"], word(second))


async def test_what_is_left_of_a_voucher_lapses(crm: TestCrm) -> None:
    """It is worth its amount once, not in parts."""
    code = await code_of(crm, "VOUCHER")
    used = await asked(crm, REDEEM, code=code, amount=eur("12.50"))

    assert ("12.50", "0.00", "REDEEMED") == (
        used["amount"]["amount"],
        used["balanceAfter"]["amount"],
        used["voucher"]["status"],
    )


async def test_a_gift_card_is_used_up_in_parts(crm: TestCrm) -> None:
    """Never beyond what is left."""
    code = await code_of(crm, "GIFT_CARD")
    outcomes = [await asked(crm, REDEEM, code=code, amount=eur(a)) for a in ("30", "20.01", "20", "0.01")]

    assert ["20.00", "MORE_THAN_LEFT", "0.00", "VOUCHER_USED"] == [
        o["balanceAfter"]["amount"] if "balanceAfter" in o else word(o) for o in outcomes
    ]


async def test_a_discount_is_no_amount(crm: TestCrm) -> None:
    """It takes per cents off, once."""
    code = await code_of(crm, "DISCOUNT")
    refused = await asked(crm, REDEEM, code=code, amount=eur("5"))
    used, again = [await asked(crm, REDEEM, code=code) for _ in "12"]

    assert ("NOT_AN_AMOUNT", None, "VOUCHER_USED") == (word(refused), used["amount"], word(again))


async def test_one_gift_card_in_two_checkouts_is_paid_with_once(crm: TestCrm) -> None:
    """Ten that use all of it at one moment: one does, nine are declined."""
    code = await code_of(crm, "GIFT_CARD")
    outcomes = await asyncio.gather(*(asked(crm, REDEEM, code=code, amount=eur("50")) for _ in range(10)))
    paid = await crm.database.fetch_value("select sum(amount) from loyalty_voucher_use")

    assert 1 == sum("amount" in outcome for outcome in outcomes)
    assert {"VOUCHER_USED"} == {word(outcome) for outcome in outcomes if "violations" in outcome}
    assert 5000 == paid


async def test_parts_of_a_gift_card_at_one_moment_never_are_more_than_the_whole(crm: TestCrm) -> None:
    """Eight take 9.00 each of 50.00: five can."""
    code = await code_of(crm, "GIFT_CARD")
    outcomes = await asyncio.gather(*(asked(crm, REDEEM, code=code, amount=eur("9")) for _ in range(8)))
    left = await crm.database.fetch_value("select balance from loyalty_voucher")

    assert (5, 500) == (sum("amount" in outcome for outcome in outcomes), left)


async def test_the_same_use_twice_has_one_effect(crm: TestCrm) -> None:
    """By the id that the client chose; with another amount, or of another card, it is another use."""
    code, other = await code_of(crm, "GIFT_CARD"), await code_of(crm, "GIFT_CARD")
    id = ids.encode("loyalty_voucher_use", uuid4())
    first, second = [await asked(crm, REDEEM, code=code, amount=eur("50"), id=id) for _ in "12"]
    third = await asked(crm, REDEEM, code=code, amount=eur("49"), id=id)
    fourth = await asked(crm, REDEEM, code=other, amount=eur("50"), id=id)

    assert first == second
    assert ["IDEMPOTENCY_KEY_REUSED"] * 2 == [third["code"], fourth["code"]]


async def test_what_was_paid_goes_back_to_its_card(crm: TestCrm) -> None:
    """In parts, never more than was paid; a card that was used up lives again."""
    code = await code_of(crm, "GIFT_CARD")
    use = await asked(crm, REDEEM, code=code, amount=eur("50"))
    outcomes = [await asked(crm, RETURN, use=use["id"], amount=a) for a in (eur("20"), eur("31"), None, None)]
    again = await asked(crm, REDEEM, code=code, amount=eur("50"))

    assert ["20.00", "MORE_THAN_LEFT", "50.00", "ALREADY_REVERSED"] == [
        o["balanceAfter"]["amount"] if "balanceAfter" in o else word(o) for o in outcomes
    ]
    assert "0.00" == again["balanceAfter"]["amount"]


async def test_what_was_paid_is_given_back_once(crm: TestCrm) -> None:
    """Six that give all of it back at one moment: one does."""
    code = await code_of(crm, "GIFT_CARD")
    use = await asked(crm, REDEEM, code=code, amount=eur("50"))
    outcomes = await asyncio.gather(*(asked(crm, RETURN, use=use["id"]) for _ in range(6)))

    assert (1, 5000) == (
        sum("amount" in o for o in outcomes),
        await crm.database.fetch_value("select balance from loyalty_voucher"),
    )


async def test_a_discount_that_was_given_back_can_be_used_again(crm: TestCrm) -> None:
    """Once."""
    code = await code_of(crm, "DISCOUNT")
    use = await asked(crm, REDEEM, code=code)
    back = [await asked(crm, RETURN, use=use["id"]) for _ in "12"]
    again = await asked(crm, REDEEM, code=code)

    assert ("ACTIVE", "ALREADY_REVERSED", "REDEEMED") == (
        back[0]["voucher"]["status"],
        word(back[1]),
        again["voucher"]["status"],
    )


async def test_another_currency_pays_nothing(crm: TestCrm) -> None:
    """Nor does an amount of nothing, or a gift card without one."""
    code = await code_of(crm, "GIFT_CARD")
    outcomes = [
        await asked(crm, REDEEM, code=code, amount=amount)
        for amount in ({"amount": "5", "currency": "USD"}, eur("0"), eur("-5"), None)
    ]

    assert ["OTHER_CURRENCY", "TOO_SMALL", "TOO_SMALL", "REQUIRED"] == [word(one) for one in outcomes]
