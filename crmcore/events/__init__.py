"""What happens inside and after a transaction."""

from crmcore.events.event import Created, Deleted, Destroyed, Event, Restored, Updated
from crmcore.events.handlers import After, Handlers, Inside, after, inside

__all__ = [
    "After",
    "Created",
    "Deleted",
    "Destroyed",
    "Event",
    "Handlers",
    "Inside",
    "Restored",
    "Updated",
    "after",
    "inside",
]
