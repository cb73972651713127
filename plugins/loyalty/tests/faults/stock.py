"""What a run begins with: a program in a zone with daylight saving time, its currencies, and a few members."""

from __future__ import annotations

import asyncio
from typing import Any

from faults.evidence import execute
from faults.hand import Shared
from faults.warp import ZONE
from tests.faults.http import Caller, Lost
from tests.faults.stage import Stage

__all__ = ["enrol", "stock"]

_MEMBERS = 4
#: So many ask for all of that, each by a token of their own.
_PEOPLE = 4
#: Points that come and go quickly, and points that last to the year's end, wait, and may be owed.
_CURRENCIES = (
    {"code": "QUICK", "name": "Quick", "expiry": "ROLLING", "expiryDays": 20, "transferable": True, "holdMinutes": 10},
    {
        "code": "YEAR",
        "name": "Year",
        "expiry": "CALENDAR",
        "pendingDays": 2,
        "restoreDays": 15,
        "floor": "-200",
        "transferable": True,
        "holdMinutes": 30,
    },
)
_PROBLEM = "... on Problem { code message }"
_TOKEN = (
    f"mutation($label: String!) {{ it: issueToken(label: $label) {{ ... on IssuedToken {{ id secret }} {_PROBLEM} }} }}"
)
_PROGRAM = f"mutation($data: CreateLoyaltyProgramInput!, $key: String!) {{ it: createLoyaltyProgram(data: $data, idempotencyKey: $key) {{ ... on LoyaltyProgram {{ id }} {_PROBLEM} }} }}"
_CURRENCY = f"mutation($data: CreateLoyaltyCurrencyInput!, $key: String!) {{ it: createLoyaltyCurrency(data: $data, idempotencyKey: $key) {{ ... on LoyaltyCurrency {{ id }} {_PROBLEM} }} }}"
_CUSTOMER = f"mutation($data: CreateCustomerInput!, $key: String!) {{ it: createCustomer(data: $data, idempotencyKey: $key) {{ ... on Customer {{ id }} {_PROBLEM} }} }}"
_ENROL = f"mutation($customer: ID!, $program: ID!, $key: String!) {{ it: loyaltyEnrol(customerId: $customer, programId: $program, idempotencyKey: $key) {{ ... on LoyaltyMember {{ id }} {_PROBLEM} }} }}"


async def stock(stage: Stage, spare: int = 0) -> Shared:
    """Make all that by GraphQL, and so many members to spare; return the ids."""
    # The first token would end after a week, which is a quarter of a minute's jump away.
    await execute(stage.database, "update crm_token set expires_at = null")
    callers = [Caller(proxy.port, stage.token) for proxy in stage.target.proxies]
    shared = Shared()
    try:
        shared.tokens = [await _token(callers, f"till {number}") for number in range(_PEOPLE)]
        data: dict[str, Any] = {"code": "TEST", "name": "Test", "timezone": ZONE.key, "status": "ACTIVE"}
        shared.program = await _made(callers, _PROGRAM, {"data": data, "key": "program"})
        for currency in _CURRENCIES:
            given = {**currency, "programId": shared.program}
            await _made(callers, _CURRENCY, {"data": given, "key": str(currency["code"])})
            shared.currencies.append(str(currency["code"]))
        for number in range(_MEMBERS):
            shared.members.append(await enrol(callers, shared, f"member {number}"))
        for number in range(spare):
            shared.spare.append(await enrol(callers, shared, f"spare {number}"))
    finally:
        for caller in callers:
            caller.close()
    return shared


async def enrol(callers: list[Caller], shared: Shared, key: str) -> str:
    """Make a customer and enrol it, once for each key; return the member's id."""
    customer = await _made(
        callers, _CUSTOMER, {"data": {"kind": "PERSON", "displayName": key}, "key": f"{key} customer"}
    )
    return await _made(callers, _ENROL, {"customer": customer, "program": shared.program, "key": key})


async def _token(callers: list[Caller], label: str) -> tuple[str, str]:
    made = await _asked(callers, _TOKEN, {"label": label})
    return str(made["id"]), str(made["secret"])


async def _made(callers: list[Caller], text: str, variables: dict[str, Any]) -> str:
    return str((await _asked(callers, text, variables))["id"])


async def _asked(callers: list[Caller], text: str, variables: dict[str, Any]) -> dict[str, Any]:
    said: Any = None
    for attempt in range(300):
        try:
            said = await callers[attempt % len(callers)].graphql(text, variables)
        except Lost as lost:
            said = lost
        else:
            it = (said.get("data") or {}).get("it") or {}
            if "id" in it:
                return dict(it)
            if it.get("code") not in (None, "UNAVAILABLE", "UNAUTHENTICATED"):
                break
        await asyncio.sleep(0.2)
    msg = f"{variables} could not be made: {said}"
    raise RuntimeError(msg)
