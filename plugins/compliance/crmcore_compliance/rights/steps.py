"""By what steps requests of each kind are carried out; none where people do it."""

from __future__ import annotations

from collections.abc import Mapping

from crmcore_compliance.rights.erasing.steps import ERASING
from crmcore_compliance.rights.limiting import LIMITING, WITHDRAWING
from crmcore_compliance.rights.outcome import Step
from crmcore_compliance.rights.packing.steps import PACKING
from crmcore_compliance.rights.rectifying import RECTIFYING
from crmcore_compliance.tables.requests import ComplianceRequestKind as Kind

__all__ = ["STEPS"]

STEPS: Mapping[Kind, tuple[Step, ...]] = {
    Kind.ACCESS: PACKING,
    Kind.PORTABILITY: PACKING,
    Kind.RECTIFICATION: RECTIFYING,
    Kind.ERASURE: ERASING,
    Kind.RESTRICTION: LIMITING,
    Kind.OBJECTION: LIMITING,
    Kind.CONSENT_WITHDRAWAL: WITHDRAWING,
    Kind.OPT_OUT_OF_SALE: (),
    Kind.HUMAN_REVIEW: (),
}
