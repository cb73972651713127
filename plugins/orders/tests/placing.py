"""Orders through the API, for tests."""

from __future__ import annotations

from typing import Any

from crmcore import Actor
from crmcore.testing import TestCrm

__all__ = ["PROBLEM", "ask", "eur", "place", "refund"]

PROBLEM = "... on Problem { code message violations { path code message } }"
PLACE = f"""
mutation ($data: OrderDraftInput!) {{
  orderPlace(data: $data) {{
    __typename
    ... on Order {{
      id number status placedAt
      subtotal {{ amount currency }} discount {{ amount }} tax {{ amount }} shipping {{ amount }} total {{ amount }}
      lines {{ nodes {{ id position sku title quantity unitPrice {{ amount }} discount {{ amount }} tax {{ amount }} total {{ amount }} }} }}
    }}
    {PROBLEM}
  }}
}}
"""
REFUND = f"""
mutation ($data: OrderRefundDraftInput!) {{
  orderRefund(data: $data) {{
    __typename
    ... on OrderRefund {{
      id number at amount {{ amount }} shipping {{ amount }} restock
      lines {{ nodes {{ quantity amount {{ amount }} orderLine {{ position }} }} }}
    }}
    {PROBLEM}
  }}
}}
"""


async def ask(crm: TestCrm, text: str, variables: dict[str, Any] | None = None, actor: Actor | None = None) -> Any:
    """Return the data of an answer without errors."""
    answer = await crm.execute(text, variables or {}, actor=actor)
    assert "errors" not in answer, answer["errors"]
    return answer["data"]


async def place(crm: TestCrm, *lines: dict[str, Any], actor: Actor | None = None, **more: Any) -> dict[str, Any]:
    """Place an order; return it, or the problem."""
    data = {"currency": "EUR", "lines": list(lines), **more}
    order: dict[str, Any] = (await ask(crm, PLACE, {"data": data}, actor))["orderPlace"]
    return order


async def refund(crm: TestCrm, order: str, *lines: dict[str, Any], **more: Any) -> dict[str, Any]:
    """Give money back; return the refund, or the problem."""
    actor = more.pop("actor", None)
    given: dict[str, Any] = (await ask(crm, REFUND, {"data": {"orderId": order, "lines": list(lines), **more}}, actor))[
        "orderRefund"
    ]
    return given


def eur(amount: str) -> dict[str, str]:
    """Return an amount of euros."""
    return {"amount": amount, "currency": "EUR"}
