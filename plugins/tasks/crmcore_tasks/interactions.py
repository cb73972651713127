"""A completed to-do shows in the history of the customer it was about."""

from __future__ import annotations

from uuid import UUID

from crmcore import Work, actions
from crmcore_tasks.events import TaskCompleted
from crmcore_tasks.settings import TasksSettings

__all__ = ["log_completed"]


async def log_completed(work: Work, event: TaskCompleted) -> None:
    """Log an interaction of the kind TASK, if the to-do was about a customer or about a deal with one."""
    if not work.settings[TasksSettings].log_completed:
        return
    task = event.after
    customer, deal = await _about(work, task["subject_type"], task["subject_id"])
    if customer is not None:
        values = {"kind": "TASK", "subject": task["title"], "customer_id": customer, "deal_id": deal}
        values |= {"direction": "INTERNAL", "status": "COMPLETED", "occurred_at": work.now}
        await actions.create(work, "interaction", values)


async def _about(work: Work, entity: str | None, id: UUID | None) -> tuple[UUID | None, UUID | None]:
    if entity == "customer":
        return id, None
    if entity == "deal" and id is not None:
        found = await work.find("deal", id=id)
        return (found[0]["customer_id"], id) if found else (None, None)
    return None, None
