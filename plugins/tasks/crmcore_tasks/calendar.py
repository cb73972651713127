"""A person's open to-dos as a calendar other programs can subscribe to (RFC 5545, VTODO)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from icalendar import Calendar, Todo

from crmcore import instants

__all__ = ["calendar_of"]

#: RFC 5545, section 3.8.1.9: 1 is highest, 9 lowest, 0 undefined.
_PRIORITY = {"HIGH": 1, "NORMAL": 5, "LOW": 9}


def calendar_of(tasks: Iterable[Mapping[str, Any]]) -> bytes:
    """Write open to-dos, as GraphQL gives them, as one calendar in UTF-8."""
    calendar = Calendar()
    calendar.add("prodid", "-//crmcore//tasks//EN")
    calendar.add("version", "2.0")
    for task in tasks:
        calendar.add_component(_todo(task))
    return bytes(calendar.to_ical())


def _todo(task: Mapping[str, Any]) -> Todo:
    todo = Todo()
    todo.add("uid", task["id"])
    todo.add("dtstamp", instants.parse(task["updatedAt"]))
    todo.add("summary", task["title"])
    todo.add("priority", _PRIORITY[task["priority"]])
    todo.add("status", "NEEDS-ACTION")
    if task["dueAt"] is not None:
        todo.add("due", instants.parse(task["dueAt"]))
    if task["notes"]:
        todo.add("description", task["notes"])
    return todo
