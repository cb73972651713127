"""What an authority asks for: the record of processing, what fields hold, training, reviews, and a pack of evidence."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crmcore import Entity, Part, Permission, extend
from crmcore_compliance.register.asking import compliance_fields, compliance_record_of_processing, compliance_scan
from crmcore_compliance.register.classified import refuse_unclassified
from crmcore_compliance.register.permissions import REGISTER_READ
from crmcore_compliance.tables.register import ComplianceReview, ComplianceTraining

if TYPE_CHECKING:
    import click

__all__ = ["REGISTER"]

_SINCE = "0.1.0"


def _commands() -> Iterable[click.Command]:
    # Heavy: what only the command line needs; and all parts are put together by then.
    from crmcore_compliance.audit.evidence import evidence as audit
    from crmcore_compliance.keys.evidence import evidence as keys
    from crmcore_compliance.register import commands
    from crmcore_compliance.rights.evidence import evidence as rights
    from crmcore_compliance.sealing.evidence import evidence as sealing

    shares = (keys, sealing, rights, audit)
    return [commands.fields, commands.ropa, commands.scanned, commands.anonymise, commands.evidence(shares)]


REGISTER = Part(
    permissions=(
        Permission(
            REGISTER_READ, "Read the record of processing and what fields hold, and scan texts for personal data."
        ),
    ),
    entities=(
        Entity(ComplianceTraining, plural="complianceTrainings", label="course", since=_SINCE),
        Entity(ComplianceReview, plural="complianceReviews", label="title", order=("-held_on",), since=_SINCE),
    ),
    graphql=(
        extend("Query", compliance_fields, since=_SINCE),
        extend("Query", compliance_record_of_processing, since=_SINCE),
        extend("Query", compliance_scan, since=_SINCE),
    ),
    commands=_commands,
    startup=refuse_unclassified,
)
