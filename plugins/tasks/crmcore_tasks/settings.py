"""What an operator may set under `[plugins.tasks]`."""

from __future__ import annotations

import msgspec

__all__ = ["TasksSettings"]


class TasksSettings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings of the tasks plugin.

    Attributes:

        log_completed: whether completing a to-do on a customer, or on a deal with a customer, is logged as an interaction.
    """

    log_completed: bool = True
