"""What must be true of consent before it counts: informed, separate where the law asks, and given by who may give it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta

from crmcore import Row, Work, errors
from crmcore_compliance.consent.decision import Decision
from crmcore_compliance.tables.consent import ComplianceConsentKind

__all__ = ["check"]

_AHEAD = timedelta(minutes=5)


def check(work: Work, decision: Decision, purpose: Row, customer: Row, notice: Row | None) -> None:
    """Refuse what could not be shown to be consent.

    Raises:

        Invalid: with all that speaks against it.
    """
    if wrong := list(_wrong(work, decision, purpose, customer, notice)):
        raise errors.Invalid.of(wrong)


def _wrong(
    work: Work, decision: Decision, purpose: Row, customer: Row, notice: Row | None
) -> Iterator[errors.Violation]:
    at = decision.occurred_at or work.now
    if at > work.now + _AHEAD:
        yield errors.Violation("occurredAt", "IN_THE_FUTURE", "Nobody has decided before they do.")
    if customer["kind"] != "PERSON":
        yield errors.Violation("customerId", "NOT_A_PERSON", "Only people decide about personal data; name the person.")
    if decision.kind is ComplianceConsentKind.GIVEN:
        yield from _of_consent(decision, purpose, notice, at)
        yield from _of_age(decision, purpose, customer, at)


def _of_consent(decision: Decision, purpose: Row, notice: Row | None, at: datetime) -> Iterator[errors.Violation]:
    if purpose["status"] == "RETIRED":
        yield errors.Violation(
            "purposeId", "PURPOSE_RETIRED", f"{purpose['code']} is retired; nobody can agree to it any more."
        )
    if not purpose["needs_consent"]:
        text = f"{purpose['code']} is lawful by {purpose['lawful_basis']}; asking for consent would promise a choice there is not."
        yield errors.Violation("purposeId", "NOT_BY_CONSENT", text)
    if notice is None:
        yield errors.Violation(
            "noticeId", "REQUIRED", "Consent is informed: say which notice they were shown (GDPR 7, 13; PIPL 17)."
        )
    elif notice["effective_from"] > at:
        yield errors.Violation(
            "noticeId", "NOT_YET_EFFECTIVE", "This notice was not shown to anybody yet at that time."
        )
    if purpose["separate_consent"] and not decision.separate:
        text = f"{purpose['code']} needs consent by an act of its own; ask for it apart from all else and say separate: true."
        yield errors.Violation("separate", "SEPARATE_CONSENT", text)
    if decision.valid_until is not None and decision.valid_until <= at:
        yield errors.Violation("validUntil", "OUT_OF_RANGE", "Consent ends after it was given.")


def _of_age(decision: Decision, purpose: Row, customer: Row, at: datetime) -> Iterator[errors.Violation]:
    below, born = purpose["guardian_below"], customer["birth_date"]
    if below and isinstance(born, date) and _age(born, at.date()) < below and not decision.guardian:
        text = f"They are not {below} yet: a parent or guardian decides; say who (guardian)."
        yield errors.Violation("guardian", "GUARDIAN_REQUIRED", text)


def _age(born: date, on: date) -> int:
    return on.year - born.year - ((on.month, on.day) < (born.month, born.day))
