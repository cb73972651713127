"""The tables of to-dos."""

from __future__ import annotations

from enum import Enum
from typing import ClassVar

from piccolo.table import Table

from crmcore import Index, Owned, Record, Write
from crmcore import columns as c

__all__ = ["Task", "TaskChecklistItem", "TaskPriority", "TaskStatus"]


class TaskStatus(Enum):
    """Where a to-do stands."""

    OPEN = "open"
    DONE = "done"
    CANCELLED = "cancelled"


class TaskPriority(Enum):
    """How much a to-do presses."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"


class Task(Owned, Record, Table, tablename="task"):
    """Something a person has to do, alone or about any record."""

    title = c.text("What is to be done.", personal="user.content")
    notes = c.text("More about it.", null=True, max_length=20_000, form="text", personal="user.content")
    subject_id = c.any_link(
        "The record it is about; null for one that stands alone.",
        null=True,
        inverse="tasks",
        inverse_description="The to-dos about this record.",
    )
    subject_type = c.text("Entity of the subject.", null=True, write=Write.NEVER)
    assignee_id = c.link(
        "user",
        "Who is to do it; the one who writes it down when nobody is named.",
        references="crmcore.access.tables:User",
        null=True,
        inverse="tasksAssigned",
        inverse_description="The to-dos this person has to do.",
        on_delete="SET NULL",
    )
    status = c.choice(TaskStatus, "Where it stands; completing it has its own mutation.", default=TaskStatus.OPEN)
    priority = c.choice(TaskPriority, "How much it presses.", default=TaskPriority.NORMAL)
    due_at = c.instant("When it has to be done.", null=True)
    repeat = c.text(
        "How it repeats after completion, an RFC 5545 recurrence rule such as FREQ=WEEKLY;BYDAY=MO; needs dueAt.",
        null=True,
        personal=False,
    )
    repeat_timezone = c.text(
        "IANA time zone in which the rule counts days and hours.", null=True, form="timezone", personal=False
    )
    previous_id = c.link(
        "task",
        "The to-do of which this one is the repetition.",
        references="self",
        null=True,
        on_delete="SET NULL",
        write=Write.NEVER,
    )
    done_at = c.instant("When it was done.", null=True, write=Write.NEVER)

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("assignee_id", "status", "due_at"), live=True),
        Index(("subject_type", "subject_id", "due_at desc")),
        Index(("owner_id",)),
        Index(("team_id",)),
        Index(("previous_id",), unique=True),
    )


class TaskChecklistItem(Record, Table, tablename="task_checklist_item"):
    """One step of a to-do."""

    task_id = c.link(
        "task",
        "The to-do it is a step of.",
        references=Task,
        inverse="checklist",
        inverse_description="The steps of this to-do.",
        on_delete="CASCADE",
        write=Write.CREATE,
    )
    text = c.text("What the step is.", personal="user.content")
    position = c.integer("Where it stands in the list; smaller comes first.", default=0)
    is_done = c.flag("Whether the step is done.")

    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("task_id", "position")),)
