"""What the tests of vouchers share: having them made, and paying with them."""

from __future__ import annotations

from typing import Any

from rewards_stage import asked, eur

from crmcore.testing import TestCrm

__all__ = ["ISSUE", "REDEEM", "RETURN", "code_of", "issued"]

ISSUE = """
mutation ($program: ID!, $kind: LoyaltyVoucherKind!, $value: MoneyInput, $percent: Int, $until: DateTime, $n: Int, $key: String) {
  loyaltyIssueVouchers(
    programId: $program, kind: $kind, value: $value, percent: $percent, expiresAt: $until, count: $n, idempotencyKey: $key
  ) {
    ... on LoyaltyVouchersIssued { codes vouchers { id ending status balance { amount } } }
    ... on Problem { code violations { path code } }
  }
}
"""
REDEEM = """
mutation ($code: String!, $amount: MoneyInput, $id: ID) {
  loyaltyRedeemVoucher(code: $code, amount: $amount, id: $id) {
    ... on LoyaltyVoucherUse { id amount { amount currency } balanceAfter { amount } voucher { status } }
    ... on Problem { code violations { path code } }
  }
}
"""
RETURN = """
mutation ($use: ID!, $amount: MoneyInput) {
  loyaltyReturnVoucher(useId: $use, amount: $amount) {
    ... on LoyaltyVoucherUse { amount { amount } balanceAfter { amount } voucher { status } }
    ... on Problem { code violations { path code } }
  }
}
"""


async def issued(crm: TestCrm, kind: str, **more: Any) -> dict[str, Any]:
    """Have vouchers made, of a program of their own."""
    worth = {"percent": 15} if kind == "DISCOUNT" else {"value": eur("50")}
    program = (await crm.make("loyalty_program")).shown_id
    return await asked(crm, ISSUE, **{"program": program, "kind": kind, **worth, **more})


async def code_of(crm: TestCrm, kind: str, **more: Any) -> str:
    """Have a voucher made; return its code."""
    codes: list[str] = (await issued(crm, kind, **more))["codes"]
    return codes[0]
