"""The rules of to-dos, and what one can do with them beyond writing them down."""

from __future__ import annotations

from typing import Annotated, Any
from uuid import UUID

from crmcore import Change, Ref, Row, Work, action, actions, errors
from crmcore_tasks import recurrence
from crmcore_tasks.events import TaskCompleted
from crmcore_tasks.tables import TaskStatus

__all__ = ["ASSIGN", "prepare_task", "task_complete", "task_reopen"]

#: Giving a to-do to somebody else.
ASSIGN = "tasks.assign"


async def prepare_task(work: Work, change: Change) -> None:
    """The rules of a to-do, whatever the door."""
    if change.kind not in ("create", "update"):
        return
    if change.kind == "create" and change.get("assignee_id") is None:
        change.values["assignee_id"] = work.actor.user_id
    if change.changed("assignee_id") and change.get("assignee_id") not in (None, work.actor.user_id):
        work.require(ASSIGN)
    _check_repeat(change)
    _keep_done(work, change)


def _check_repeat(change: Change) -> None:
    rule = change.get("repeat")
    if rule is None:
        return
    try:
        recurrence.check(rule)
    except ValueError as problem:
        change.refuse("repeat", "MALFORMED", f"repeat: {problem}")
    if change.get("due_at") is None:
        change.refuse("dueAt", "REQUIRED", "A to-do that repeats needs dueAt: the rule counts from there.")


def _keep_done(work: Work, change: Change) -> None:
    done = change.get("status") == TaskStatus.DONE.name
    if done and change.get("done_at") is None:
        change.values["done_at"] = work.now
    elif not done and change.get("done_at") is not None:
        change.values["done_at"] = None


@action(returns="task", since="0.1.0")
async def task_complete(
    work: Work,
    id: Annotated[UUID, Ref("task"), "Which to-do."],
    expected_version: Annotated[int | None, "Refuse if somebody wrote to it since this version."] = None,
) -> Row:
    """Mark a to-do as done; if it repeats, the next one is made, with its checklist unticked.

    Completing one that is done already changes nothing.
    """
    before = await work.get("task", id, action="update")
    if before["status"] == TaskStatus.CANCELLED.name:
        raise errors.Invalid.at("id", "CANCELLED", "This to-do was cancelled; reopen it before you complete it.")
    if before["status"] == TaskStatus.DONE.name:
        return before
    after = await actions.update(work, "task", id, {"status": TaskStatus.DONE.name}, expected_version=expected_version)
    following = await _repeat(work, after)
    kind = work.entities["task"]
    await work.emit(work.event(TaskCompleted, kind, id, after=after, next_id=following))
    return after


@action(returns="task", since="0.1.0")
async def task_reopen(work: Work, id: Annotated[UUID, Ref("task"), "Which to-do."]) -> Row:
    """Open a to-do again that was done or cancelled; a repetition that was made of it stays."""
    return await actions.update(work, "task", id, {"status": TaskStatus.OPEN.name})


async def _repeat(work: Work, done: Row) -> UUID | None:
    if done["repeat"] is None or await work.find("task", previous_id=done["id"]):
        return None
    due = recurrence.following(done["repeat"], done["due_at"], done["repeat_timezone"] or "UTC")
    if due is None:
        return None
    copied: dict[str, Any] = {c: done[c] for c in _COPIED} | {"due_at": due, "previous_id": done["id"]}
    made = await work.insert("task", copied)
    for item in await work.find("task_checklist_item", task_id=done["id"]):
        await work.insert(
            "task_checklist_item", {"task_id": made["id"], "text": item["text"], "position": item["position"]}
        )
    return made["id"]  # type: ignore[no-any-return]


_COPIED = (
    "title",
    "notes",
    "subject_type",
    "subject_id",
    "assignee_id",
    "owner_id",
    "team_id",
    "priority",
    "repeat",
    "repeat_timezone",
)
