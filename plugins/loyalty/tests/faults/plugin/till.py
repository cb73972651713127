"""A desk in each server, at which points are earned and spent over HTTP; what comes to it together is one group."""

from __future__ import annotations

import os
from collections.abc import Awaitable, Callable, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from crmcore_loyalty.ledger import Accrual, Desk, Redemption, desk
from crmcore_loyalty.ledger.together import Outcome, Posting
from litestar import Request, post

from crmcore import Actor, Crm, Work, errors, ids

__all__ = ["VARIABLE", "closed", "hand_in", "opened"]

#: The variable that names the file of groups: a line for each, with how many were posted by it and not alone.
VARIABLE = "LOYALTY_FAULTS_GROUPS"
_TILL = Actor.system("till")
_CURRENCY = "select id from loyalty_currency where code = $1"
_desks: list[Desk] = []


async def opened(crm: Crm) -> None:
    """Open this process's desk."""
    desk.post_together = partial(_noted, desk.post_together)  # type: ignore[attr-defined]
    _desks.append(await Desk(crm).__aenter__())


async def closed() -> None:
    """Close it."""
    await _desks.pop().close()


@post("/{kind:str}", status_code=200)
async def hand_in(request: Request[Any, Any, Any], kind: str) -> dict[str, Any]:
    """Take what the mutation of the same meaning takes, and answer as it does."""
    given = await request.json()
    try:
        asked: dict[str, Any] = {
            "id": ids.parse(given["id"], "loyalty_transaction"),
            "member_id": ids.parse(given["member"], "loyalty_member"),
            "currency_id": UUID(str(await request.app.state.crm.database.fetch_value(_CURRENCY, given["currency"]))),
            "points": int(given["points"]),
        }
        if kind == "accrue":
            row = await _desks[0].accrue(_TILL, Accrual(**asked))
        else:
            row = await _desks[0].redeem(_TILL, Redemption(**asked))
    except errors.Refusal as refused:
        violations = [{"code": violation.code} for violation in refused.violations]
        return {"data": {"it": {"code": refused.code.name, "violations": violations}}}
    return {"data": {"it": {"id": ids.encode("loyalty_transaction", row["id"])}}}


async def _noted(
    together: Callable[..., Awaitable[list[Outcome]]], work: Work, postings: Sequence[Posting]
) -> list[Outcome]:
    outcomes = await together(work, postings)
    _note(len(outcomes) - outcomes.count(None))
    return outcomes


def _note(count: int) -> None:
    with open(os.environ[VARIABLE], "a") as file:
        file.write(f"{count}\n")
