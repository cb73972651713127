"""One question to the index of search: the records of one entity that answer it."""

from __future__ import annotations

from dataclasses import dataclass

from crmcore.graphql.planner.plan import Rows

__all__ = ["After", "Hit"]


@dataclass(frozen=True, slots=True)
class After:
    """Where a page of what was found begins: placeholders of the tier and the position of a cursor."""

    tier: str
    position: str


@dataclass(frozen=True, slots=True)
class Hit:
    """Records of an entity in one tier of the order.

    Attributes:

        entity: its name.
        rows: its records that live and may be read.
        question: placeholder of what the index is asked.
        tier: 1 for texts that are what is looked for, 2 for those that begin with it, 3 for those that contain it.
        limit: SQL for the number of records.
        after: only what follows it.
        unless: a condition under which none is wanted.
    """

    entity: str
    rows: Rows
    question: str
    tier: int
    limit: str
    after: After | None
    unless: str | None
