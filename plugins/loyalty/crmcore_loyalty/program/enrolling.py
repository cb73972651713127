"""How customers become members: one membership a customer and program, with its accounts."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Annotated
from uuid import UUID

from crmcore import Created, Ref, Row, Work, action, errors
from crmcore_loyalty import ledger
from crmcore_loyalty.program import numbers
from crmcore_loyalty.tables.program import LoyaltyMemberStatus

__all__ = ["ENROL", "enrol", "loyalty_enrol", "member_of"]

ENROL = "loyalty.enrol"

#: Members who have left, or went on as others, do not count.
_THERE = (LoyaltyMemberStatus.ACTIVE.name, LoyaltyMemberStatus.FROZEN.name)
_AHEAD = timedelta(minutes=5)


@action(returns="loyalty_member", permission=ENROL, since="0.1.0", isolation="read committed")
async def loyalty_enrol(
    work: Work,
    customer_id: Annotated[UUID, Ref("customer"), "Who joins."],
    program_id: Annotated[UUID, Ref("loyalty_program"), "Which program."],
    number: Annotated[str | None, "What stands on the card; drawn at random if nobody says."] = None,
    referrer_id: Annotated[UUID | None, Ref("loyalty_member"), "Which member brought them."] = None,
    enrolled_at: Annotated[datetime | None, "When they joined, if it was earlier than now."] = None,
) -> Row:
    """Make a customer a member of a program, with an account in each of its currencies; who is one already stays it."""
    await work.get("customer", customer_id)
    await work.get("loyalty_program", program_id)
    return await enrol(work, program_id, customer_id, number=number, referrer_id=referrer_id, enrolled_at=enrolled_at)


async def enrol(
    work: Work,
    program_id: UUID,
    customer_id: UUID,
    *,
    number: str | None = None,
    referrer_id: UUID | None = None,
    enrolled_at: datetime | None = None,
) -> Row:
    """Make a customer a member, whoever asks; run it with `isolation="read committed"`.

    Raises:

        Invalid: the number cannot be one or is taken, the referrer is no other member of the program, or the time is to come.
    """
    if work.database.dialect == "postgresql":
        # Who enrols the same customer at the same time waits here, and then finds the member.
        await work.rows("select id from customer where id = $1 for no key update", customer_id)
    if (there := await member_of(work, program_id, customer_id)) is not None:
        return there
    await _check(work, program_id, customer_id, number, referrer_id, enrolled_at)
    values = {
        "program_id": program_id,
        "customer_id": customer_id,
        "number": number or numbers.make(),
        "status": LoyaltyMemberStatus.ACTIVE.name,
        "enrolled_at": enrolled_at or work.now,
        "referrer_id": referrer_id,
    }
    member = await work.insert("loyalty_member", values)
    await ledger.open_accounts(work, member["id"])
    await work.emit(work.event(Created, work.entities["loyalty_member"], member["id"], after=member))
    return member


async def member_of(work: Work, program_id: UUID, customer_id: UUID) -> Row | None:
    """Return the customer's member in a program, frozen ones too; the oldest, if customers who were two have become one."""
    found = await work.find("loyalty_member", program_id=program_id, customer_id=customer_id)
    return min(
        (member for member in found if member["status"] in _THERE),
        key=lambda member: (member["enrolled_at"], member["id"]),
        default=None,
    )


async def _check(
    work: Work,
    program_id: UUID,
    customer_id: UUID,
    number: str | None,
    referrer_id: UUID | None,
    enrolled_at: datetime | None,
) -> None:
    wrong: list[errors.Violation] = []
    if number is not None and not numbers.is_written(number):
        wrong.append(errors.Violation("number", "MALFORMED", "A number has 4 to 64 letters, digits and hyphens."))
    elif number is not None and await work.find("loyalty_member", program_id=program_id, number=number):
        wrong.append(errors.Violation("number", "TAKEN", f"{number} is another member's; give another one, or none."))
    if enrolled_at is not None and enrolled_at > work.now + _AHEAD:
        wrong.append(errors.Violation("enrolledAt", "IN_THE_FUTURE", "Nobody has joined before they do."))
    if referrer_id is not None:
        found = await work.find("loyalty_member", id=referrer_id, program_id=program_id)
        if not found or found[0]["customer_id"] == customer_id:
            text = "The one who brings somebody is another member of the same program."
            wrong.append(errors.Violation("referrerId", "NOT_ANOTHER_MEMBER", text))
    if wrong:
        raise errors.Invalid.of(wrong)
