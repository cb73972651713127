"""To-dos for the demonstration data: some done, some late, some to come."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from crmcore import Seeding

__all__ = ["seed"]

_TITLES = (
    "Call back",
    "Send the offer",
    "Prepare the visit",
    "寄送合同",
    "Rechnung prüfen",
    "Preguntar por la renovación",
)
_STEPS = ("Read the history", "Write it", "Have it checked")


async def seed(seeding: Seeding) -> None:
    """Give every tenth customer a to-do of a random colleague."""
    if not seeding.made["user"]:
        return
    for customer in seeding.made["customer"][::10]:
        at = seeding.calendar.moment(seeding.random, "UTC")
        task = seeding.add("task", _task(seeding, at) | {"subject_type": "customer", "subject_id": customer}, at)
        for position, step in enumerate(_STEPS[: seeding.random.randrange(len(_STEPS) + 1)]):
            seeding.add("task_checklist_item", {"task_id": task, "text": step, "position": position}, at)


def _task(seeding: Seeding, at: datetime) -> dict[str, Any]:
    random = seeding.random
    due = at + timedelta(days=random.randrange(1, 30))
    who = random.choice(seeding.made["user"])
    values = {"title": random.choice(_TITLES), "assignee_id": who, "owner_id": who, "due_at": due}
    values["priority"] = random.choices(("LOW", "NORMAL", "HIGH"), (1, 6, 2))[0]
    if due < seeding.now and random.random() < 0.9:
        values |= {"status": "DONE", "done_at": due}
    return values
