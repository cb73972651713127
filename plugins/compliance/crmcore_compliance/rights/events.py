"""What happens to people by their rights."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from crmcore import Event

__all__ = ["ComplianceSubjectErased"]


@dataclass(frozen=True, kw_only=True)
class ComplianceSubjectErased(Event, of="customer", since="0.1.0"):
    """A customer's data were erased: whoever was given some must be told (GDPR art. 19).

    Attributes:

        compliance_request_id: the request behind it; None where retention or a restored backup was.
        deleted: whether records went, or were only emptied.
    """

    compliance_request_id: UUID | None
    deleted: bool
