"""The row at hand: what every look at a field needs to know."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from crmcore.entities.work import Work
from crmcore.interchange.imports.values import Link

__all__ = ["Current"]


@dataclass(frozen=True, slots=True)
class Current:
    """A row in a unit of work.

    Attributes:

        work: the unit of work; its actor's row rules say what can be found.
        row: values by column, as `[columns]` made them; None for nothing.
        written: records this row, or `setup`, wrote before, by name.
    """

    work: Work
    row: Mapping[str, Any]
    written: Mapping[str, Link]
