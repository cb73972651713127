"""Limits against fraud are set-up; what went over one waits as a case for somebody's decision."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

from crmcore import Change, Ref, Row, Work, action, errors
from crmcore_loyalty import ledger
from crmcore_loyalty.tables.ledger import LoyaltyTransactionKind
from crmcore_loyalty.tables.limits import LoyaltyCaseState
from crmcore_loyalty.tables.program import LoyaltyMemberStatus

__all__ = ["REVIEW", "loyalty_decide_case", "prepare_limit"]

#: Deciding on what went over a limit.
REVIEW = "loyalty.review"

_LIMITED = "select 1 from loyalty_limit where currency_id = $1 and active and deleted_at is null and id <> $2"
_NOT_AGAIN = "Points that were to be set aside are asked for anew: approve nothing, and let the client try again."


async def prepare_limit(work: Work, change: Change) -> None:
    """Note on the currency whether any limit of it counts, so that currencies without one cost nothing."""
    stays = change.kind in ("create", "update", "restore") and change.get("active")
    currency_id = change.get("currency_id")
    if change.violations or currency_id is None:
        return
    others = await work.rows(_LIMITED, currency_id, change.id)
    await work.change("loyalty_currency", currency_id, {"limited": bool(stays or others)})


@action(returns="loyalty_case", permission=REVIEW, isolation="read committed", since="0.1.0")
async def loyalty_decide_case(
    work: Work,
    id: Annotated[UUID, Ref("loyalty_case"), "Which case."],
    approve: Annotated[bool, "Whether to let it through, under a new transaction with the case's id."],
    note: Annotated[str | None, "Why."] = None,
    thaw: Annotated[bool, "Whether the member, if frozen, is active again."] = True,
) -> Row:
    """Decide on something that went over a limit: let it through as it was asked for, or let it stay declined."""
    case = await work.get("loyalty_case", id, action="update")
    state = LoyaltyCaseState.APPROVED if approve else LoyaltyCaseState.REJECTED
    if case["state"] != LoyaltyCaseState.OPEN.name:
        if case["state"] == state.name:
            return case
        raise errors.Invalid.at("id", "DECIDED", f"This case was decided already: {case['state'].lower()}.")
    member = await work.get("loyalty_member", case["member_id"], action="update")
    if thaw and member["status"] == LoyaltyMemberStatus.FROZEN.name:
        await work.change("loyalty_member", member["id"], {"status": LoyaltyMemberStatus.ACTIVE.name})
    if approve:
        await _let_through(work, case)
    values = {"state": state.name, "note": note, "version": case["version"] + 1, "updated_at": work.now}
    await work.change("loyalty_case", id, values)
    return case | values


async def _let_through(work: Work, case: Row) -> None:
    (asked,) = await work.find("loyalty_transaction", id=UUID(case["transaction_id"]))
    kind = LoyaltyTransactionKind[asked["kind"]]
    reason = f"Let through after {case['transaction_id']} was declined."
    source = ledger.Source(type=asked["source_type"], id=asked["source_id"]) if asked["source_type"] else None
    if kind is LoyaltyTransactionKind.ACCRUAL:
        await ledger.accrue(work, ledger.Accrual(
            member_id=asked["member_id"], currency_id=asked["currency_id"], points=asked["points"], id=case["id"],
            event_at=asked["event_at"], source=source, reason=reason, trace=asked["trace"], unlimited=True,
        ))  # fmt: skip
    elif kind is LoyaltyTransactionKind.REDEMPTION:
        await ledger.redeem(work, ledger.Redemption(
            member_id=asked["member_id"], currency_id=asked["currency_id"], points=asked["points"], id=case["id"],
            event_at=asked["event_at"], source=source, reason=reason, unlimited=True,
        ))  # fmt: skip
    elif kind is LoyaltyTransactionKind.TRANSFER:
        await ledger.transfer(
            work, asked["member_id"], asked["other_member_id"], asked["currency_id"], asked["points"], id=case["id"],
            reason=reason, unlimited=True,
        )  # fmt: skip
    else:
        raise errors.Invalid.at("approve", "ASK_AGAIN", _NOT_AGAIN)
