"""What the tasks plugin gives to the CRM."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcore import (
    Action,
    Entity,
    Event,
    Inside,
    Listing,
    Permission,
    Registered,
    Timeline,
    hookimpl,
    inside,
)
from crmcore_tasks.actions import ASSIGN, prepare_task, task_complete, task_reopen
from crmcore_tasks.events import TaskCompleted
from crmcore_tasks.interactions import log_completed
from crmcore_tasks.my_day import MY_DAY
from crmcore_tasks.settings import TasksSettings
from crmcore_tasks.tables import Task, TaskChecklistItem

if TYPE_CHECKING:
    import click
    from litestar.types import ControllerRouterHandler

    from crmcore import Seeding, Work, subjects


@hookimpl
def crm_settings() -> type[TasksSettings]:
    """See `TasksSettings`."""
    return TasksSettings


@hookimpl
def crm_registered() -> Iterable[Registered]:
    """A completed to-do is an interaction of its own kind."""
    return [Registered("interaction_kinds", "TASK", "Task", "A to-do that was done.")]


@hookimpl
def crm_permissions() -> Iterable[Permission]:
    """Giving work to others is a right of its own."""
    return [Permission(ASSIGN, "Give a to-do to somebody else.")]


@hookimpl
def crm_entities() -> Iterable[Entity]:
    """To-dos and their steps."""
    return [
        Entity(
            Task,
            plural="tasks",
            since="0.1.0",
            prepare=prepare_task,
            owners=("owner_id", "assignee_id"),
            label="title",
            searched=("title", "notes"),
            timeline=(
                _entry(("subject_id", "customer")),
                _entry(("subject_id", "deal"), ("customer_id", "customer")),
            ),
        ),
        Entity(
            TaskChecklistItem,
            plural="taskChecklistItems",
            guarded_by="task_id",
            order=("position",),
            label="text",
            since="0.1.0",
        ),
    ]


def _entry(*path: tuple[str, str]) -> Timeline:
    return Timeline("TASK", "A to-do was, or is, due.", at="due_at", path=path)


@hookimpl
def crm_migrations() -> Path:
    """The folder beside this file."""
    return Path(__file__).with_name("migrations")


@hookimpl
def crm_actions() -> Iterable[Action[..., Any]]:
    """What one can do with a to-do."""
    return [task_complete, task_reopen]


@hookimpl
def crm_graphql() -> Iterable[Listing]:
    """The query `tasksMyDay`."""
    return [MY_DAY]


@hookimpl
def crm_events() -> Iterable[type[Event]]:
    """Completing is an event of its own."""
    return [TaskCompleted]


@hookimpl
def crm_handlers() -> Iterable[Inside]:
    """Completing shows in the customer's history."""
    return [inside(TaskCompleted, log_completed)]


@hookimpl
def crm_routes() -> Iterable[ControllerRouterHandler]:
    """`/plugins/tasks/my.ics`."""
    # Litestar and icalendar are loaded only by a process that serves.
    from crmcore_tasks.routes import my_calendar

    return [my_calendar]


@hookimpl
def crm_commands() -> Iterable[click.Command]:
    """`crm tasks overdue`."""
    from crmcore_tasks.commands import overdue

    return [overdue]


@hookimpl
async def crm_subject_erase(work: Work, subject: subjects.Subject) -> Iterable[subjects.Erasure]:
    """To-dos about an erased person go."""
    from crmcore_tasks.forgetting import forget

    return await forget(work, subject)


@hookimpl
async def crm_seed(seeding: Seeding) -> None:
    """To-dos for the demonstration."""
    from crmcore_tasks.demo import seed

    await seed(seeding)
