"""What the test of a killed desk runs: `python desk_process.py URL CURRENCY MEMBERS SEED HOW`; it hands postings in for ever."""

# ruff: noqa: T201 - printing is how it talks to the test

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from random import Random
from typing import Any
from uuid import UUID, uuid5

from crmcore_loyalty.ledger import Accrual, Desk, Redemption, desk
from crmcore_loyalty.ledger.together import Posting, post_together

from crmcore import Actor, Crm, Settings, Work, errors, ids

__all__ = ["CLIENTS", "asked", "keyed"]

CLIENTS = 12
_TILL = Actor.system("till")
_SPACE = UUID("2f4f9d3e-6f0c-4b8e-9a44-0f1d3b1c7a11")


def asked(currency_id: UUID, members: Sequence[UUID], seed: int, client: int, turn: int) -> Accrual | Redemption:
    """Return what a client hands in in its nth turn, whichever process it is."""
    random = Random(f"{seed} {client} {turn}")
    kind = random.choice((Accrual, Accrual, Redemption))
    id = uuid5(_SPACE, f"{seed} {client} {turn}")
    return kind(member_id=random.choice(members), currency_id=currency_id, points=random.randint(1, 30), id=id)


def keyed(currency_id: UUID, members: Sequence[UUID], seed: int, client: int, turn: int) -> tuple[Actor, str, str]:
    """Return the same as a client asks it by GraphQL: who, the document, and the key it carries."""
    one = asked(currency_id, members, seed, client, turn)
    verb, key = "Accrue" if isinstance(one, Accrual) else "Redeem", f"{seed}-{client}-{turn}"
    given = (
        f'memberId: "{ids.encode("loyalty_member", one.member_id)}", points: "{one.points}", idempotencyKey: "{key}"'
    )
    currency = ids.encode("loyalty_currency", one.currency_id)
    text = f"""mutation {{ it: loyalty{verb}({given}, currency: "{currency}") {{
        ... on LoyaltyTransaction {{ id }} ... on Problem {{ code }} }} }}"""
    return Actor.system(f"till {client % 3}"), text, key


async def _tell(work: Work, postings: Sequence[Posting]) -> Any:
    """Post a group, and say before which ones it has."""
    print("group", *(one.asked.id for one in postings), flush=True)
    return await post_together(work, postings)


async def _handed_in(it: Desk, one: Accrual | Redemption) -> str:
    try:
        await (it.accrue(_TILL, one) if isinstance(one, Accrual) else it.redeem(_TILL, one))
    except errors.Declined:
        return "declined"
    return "done"


async def _asked(crm: Crm, by: Actor, text: str) -> str:
    answer = await crm.execute(text, actor=by)
    return "done" if "id" in answer["data"]["it"] else "declined"


async def main(url: str, currency: str, members: str, seed: str, how: str) -> None:
    """Let clients earn and redeem, each one after the other: at a desk, or by GraphQL with keys."""
    desk.post_together = _tell
    people = [UUID(one) for one in members.split(",")]
    async with Crm(Settings(database=url)) as crm, Desk(crm) as it:

        async def client(number: int) -> None:
            turn = 0
            while True:
                what = UUID(currency), people, int(seed), number, turn
                if how == "desk":
                    outcome = await _handed_in(it, asked(*what))
                else:
                    outcome = await _asked(crm, *keyed(*what)[:2])
                print(outcome, number, turn, flush=True)
                turn += 1

        await asyncio.gather(*(client(number) for number in range(CLIENTS)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
