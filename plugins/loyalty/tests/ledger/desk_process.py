"""What the test of a killed desk runs: `python desk_process.py URL CURRENCY MEMBERS SEED`; it hands postings in for ever."""

# ruff: noqa: T201 - printing is how it talks to the test

from __future__ import annotations

import asyncio
import sys
from collections.abc import Sequence
from random import Random
from typing import Any
from uuid import UUID, uuid5

from crmcore_loyalty.ledger import Accrual, Desk, Redemption, desk
from crmcore_loyalty.ledger.together import post_together

from crmcore import Actor, Crm, Settings, Work, errors

__all__ = ["CLIENTS", "asked"]

CLIENTS = 12
_TILL = Actor.system("till")
_SPACE = UUID("2f4f9d3e-6f0c-4b8e-9a44-0f1d3b1c7a11")


def asked(currency_id: UUID, members: Sequence[UUID], seed: int, client: int, turn: int) -> Accrual | Redemption:
    """Return what a client hands in in its nth turn, whichever process it is."""
    random = Random(f"{seed} {client} {turn}")
    kind = random.choice((Accrual, Accrual, Redemption))
    id = uuid5(_SPACE, f"{seed} {client} {turn}")
    return kind(member_id=random.choice(members), currency_id=currency_id, points=random.randint(1, 30), id=id)


async def _tell(work: Work, asked: Sequence[tuple[Accrual | Redemption, str | None]]) -> Any:
    """Post a group, and say before which ones it has."""
    print("group", *(one.id for one, _ in asked), flush=True)
    return await post_together(work, asked)


async def main(url: str, currency: str, members: str, seed: str) -> None:
    """Let clients earn and redeem, each one after the other."""
    desk.post_together = _tell
    people = [UUID(one) for one in members.split(",")]
    async with Crm(Settings(database=url)) as crm, Desk(crm) as it:

        async def client(number: int) -> None:
            turn = 0
            while True:
                posting = asked(UUID(currency), people, int(seed), number, turn)
                try:
                    await (it.accrue(_TILL, posting) if isinstance(posting, Accrual) else it.redeem(_TILL, posting))
                except errors.Declined:
                    print("declined", number, turn, flush=True)
                else:
                    print("done", number, turn, flush=True)
                turn += 1

        await asyncio.gather(*(client(number) for number in range(CLIENTS)))


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
