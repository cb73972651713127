"""To-dos as a calendar."""

from __future__ import annotations

from crmcore_tasks.calendar import calendar_of
from icalendar import Calendar


def test_another_program_reads_what_was_written() -> None:
    """Title, due instant, priority and notes arrive, whatever characters they hold."""
    task = {
        "id": "task_01900000-0000-7000-8000-000000000000",
        "title": "给 Ana; call, \\ again",
        "notes": "one\ntwo",
        "priority": "HIGH",
        "dueAt": "2026-12-01T09:00:00.000000Z",
        "updatedAt": "2026-11-01T09:00:00.000000Z",
    }
    (todo,) = Calendar.from_ical(calendar_of([task])).walk("VTODO")

    assert (task["title"], task["notes"], 1, "2026-12-01T09:00:00+00:00") == (
        str(todo["summary"]),
        str(todo["description"]),
        int(todo["priority"]),
        todo["due"].dt.isoformat(),
    )
