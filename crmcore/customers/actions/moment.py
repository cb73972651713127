"""When a record came into the stage it is in, as somebody tells it."""

from __future__ import annotations

from datetime import datetime

from crmcore.entities.change import Change
from crmcore.entities.work import Work

__all__ = ["moment"]


def moment(work: Work, change: Change, column: str, since: datetime | None) -> datetime:
    """Return the instant of a change of stage: the action's `at`, what a trusted actor gave for `column`, or now.

    An instant in the future, or before `since`, when the record came into the stage it leaves, is a violation.
    """
    told: datetime | None = change.context.get("at") or (change.values.get(column) if column in change.given else None)
    if told is None:
        return work.now if since is None else max(work.now, since)
    if told > work.now:
        change.refuse("at", "IN_THE_FUTURE", f"{told.isoformat()} has not come yet; tell what happened once it has.")
    elif since is not None and told < since:
        change.refuse(
            "at", "BEFORE_THE_LAST", f"{told.isoformat()} is before {since.isoformat()}, when the present stage began."
        )
    return told
