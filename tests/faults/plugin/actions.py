"""Moving money: two records change in one transaction, or none does."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmcore import Ref, Row, Work, action, actions, errors
from tests.faults.plugin.effects import linger, post

__all__ = ["SLOW", "faults_transfer"]

#: Transfers of this amount cause a job that takes so many seconds, longer than a lease.
SLOW = 9
_SECONDS = 3.0


@action(returns="faults_account")
async def faults_transfer(
    work: Work,
    from_id: Annotated[UUID, Ref("faults_account"), "Whence."],
    to_id: Annotated[UUID, Ref("faults_account"), "Whither."],
    amount: Annotated[int, "How much."],
    note: Annotated[str, "The key of the intent."],
) -> Row:
    """Move money from one account to another.

    Raises:

        Invalid: the amount is not positive; found out only after the first account was written.
    """
    source = await work.get("faults_account", from_id, action="update")
    row = await actions.update(work, "faults_account", from_id, {"balance": source["balance"] - amount, "note": note})
    if amount <= 0:
        raise errors.Invalid.at("amount", "TOO_SMALL", "An amount is positive.")
    target = await work.get("faults_account", to_id, action="update")
    await actions.update(work, "faults_account", to_id, {"balance": target["balance"] + amount, "note": note})
    await work.put(post(note=note, account=str(from_id)))
    if amount == SLOW:
        await work.put(linger(note=note, seconds=_SECONDS))
    return row
