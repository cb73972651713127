"""A decision of a person about a purpose, as it is about to be recorded."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from crmcore_compliance.tables.consent import ComplianceConsentKind

__all__ = ["Decision"]


@dataclass(frozen=True, kw_only=True)
class Decision:
    """What `record` writes down.

    Attributes:

        customer_id: who decided.
        purpose_id: about which purpose.
        kind: what they decided.
        channel: how it reached us.
        occurred_at: when; now if nobody says.
        valid_until: until when it counts; as the purpose says if nobody says.
        notice_id: what they were told.
        language: in which language, if not the notice's.
        jurisdiction: whose law it was given under.
        separate: whether it was an act of its own.
        guardian: which parent or guardian decided for a minor.
        reason: why.
        proof: how it can be shown.
        signals: what the browser said.
    """

    customer_id: UUID
    purpose_id: UUID
    kind: ComplianceConsentKind
    channel: str
    occurred_at: datetime | None = None
    valid_until: datetime | None = None
    notice_id: UUID | None = None
    language: str | None = None
    jurisdiction: str | None = None
    separate: bool = False
    guardian: str | None = None
    reason: str | None = None
    proof: Mapping[str, Any] | None = None
    signals: Mapping[str, Any] | None = None
