"""What erasing a person would do: it is done, looked at, and undone."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from crmcore import Crm, Work, subjects
from crmcore_compliance.rights.erasing.erasing import Line, erase
from crmcore_compliance.rights.holds import held
from crmcore_compliance.rights.processing import ACTOR

__all__ = ["Plan", "plan"]


@dataclass(frozen=True, slots=True)
class Plan:
    """What would be done.

    Attributes:

        lines: by entity.
        unclassified: columns of which nobody has said whether they are personal, and that would stand as they are.
        hold: the legal hold that stands in the way, None if none does.
    """

    lines: tuple[Line, ...]
    unclassified: tuple[str, ...]
    hold: str | None


class _Undone(Exception):
    """Carries the plan out of a transaction that must leave nothing."""

    def __init__(self, plan: Plan) -> None:
        self.plan = plan


async def plan(crm: Crm, customer_id: UUID, *, delete: bool = True) -> Plan:
    """Say what erasing a customer would do, by doing it in a transaction that is rolled back."""

    async def attempt(work: Work) -> None:
        subject = await subjects.subject_of(work.database, customer_id, delete=delete)
        hold = await held(work.database, subject.ids, work.now)
        done = await erase(crm, work, subject)
        raise _Undone(Plan(done.lines, done.unclassified, hold))

    try:
        await crm.run(ACTOR, attempt)
    except _Undone as undone:
        return undone.plan
    raise AssertionError  # pragma: no cover
