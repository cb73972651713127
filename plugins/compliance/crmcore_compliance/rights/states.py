"""Which way a request can go: from each status to those that may follow."""

from __future__ import annotations

from typing import Any

from crmcore import errors, ids
from crmcore_compliance.tables.requests import ComplianceRequestStatus as Status

__all__ = ["ENDED", "NEXT", "may_become"]

_STOPPED = frozenset({Status.CANCELED, Status.DENIED, Status.DUPLICATE})

NEXT: dict[Status, frozenset[Status]] = {
    Status.IDENTITY_UNVERIFIED: _STOPPED | {Status.PENDING, Status.EXPIRED},
    Status.REQUIRES_INPUT: _STOPPED | {Status.PENDING, Status.EXPIRED},
    Status.PENDING: _STOPPED | {Status.REQUIRES_INPUT, Status.APPROVED},
    Status.APPROVED: frozenset({Status.IN_PROCESSING, Status.ON_HOLD, Status.PAUSED, Status.CANCELED}),
    Status.IN_PROCESSING: frozenset({Status.COMPLETE, Status.ERROR, Status.ON_HOLD, Status.IN_PROCESSING}),
    Status.PAUSED: frozenset({Status.APPROVED, Status.CANCELED}),
    Status.ON_HOLD: frozenset({Status.APPROVED, Status.IN_PROCESSING, Status.CANCELED}),
    Status.ERROR: frozenset({Status.IN_PROCESSING, Status.APPROVED, Status.CANCELED}),
}
#: What nothing follows.
ENDED = frozenset(Status) - NEXT.keys()


def may_become(request: dict[str, Any], status: Status) -> None:
    """Refuse a step that may not follow.

    Raises:

        Invalid: the request stands where this cannot follow (`WRONG_STATUS`).
    """
    now = Status[request["status"]]
    if status not in NEXT.get(now, ()):
        shown = ids.encode("compliance_request", request["id"])
        known = ", ".join(sorted(one.name for one in NEXT.get(now, ()))) or "nothing"
        message = f"{shown} is {now.name}, which {status.name} cannot follow; {known} can."
        raise errors.Invalid.at("status", "WRONG_STATUS", message)
