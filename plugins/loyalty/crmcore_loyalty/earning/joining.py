"""Who joins a program may earn for it."""

from __future__ import annotations

from uuid import uuid5

from crmcore import Created, Work
from crmcore_loyalty.earning.giving import Happening, give
from crmcore_loyalty.earning.members import facts_of
from crmcore_loyalty.ledger import Source
from crmcore_loyalty.tables.rule_terms import LoyaltyRuleTrigger as Trigger

__all__ = ["earn_by_joining"]


async def earn_by_joining(work: Work, event: Created) -> None:
    """Give what rules of SIGN_UP say, to the one who joined and to the one who brought them."""
    member = event.after
    (program,) = await work.find("loyalty_program", id=member["program_id"])
    facts = await facts_of(work, program, dict(member), {Trigger.SIGN_UP}, member["enrolled_at"])
    source = Source(type="loyalty_member", id=str(event.record_id))
    await give(work, program, [Happening(id=uuid5(event.record_id, "sign-up"), facts=facts, source=source)])
