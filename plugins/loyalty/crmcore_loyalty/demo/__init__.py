"""Demonstration data: a program, what it gives, and members who have earned and spent in it."""

from __future__ import annotations

from crmcore import Seeding
from crmcore_loyalty.demo.lives import live
from crmcore_loyalty.demo.offer import offer

__all__ = ["seed"]


async def seed(seeding: Seeding) -> None:
    """Set a program up, and let every tenth customer's orders earn in it.

    What is drawn is the same for the same seed; the ledger's own ids are not, since the ledger itself books what happened.
    """
    # The services below read what others have made.
    await seeding.flush()
    if (program := await offer(seeding)) is not None:
        await live(seeding, program)
