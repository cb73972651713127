"""To-dos about a person who is erased go: without their words nobody knows what was to be done."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcore import subjects

if TYPE_CHECKING:
    from crmcore import Work

__all__ = ["forget"]

_WHY = "What is to be done, or was, about a person says things about them."


async def forget(work: Work, subject: subjects.Subject) -> list[subjects.Erasure]:
    """Remove to-dos about a person with their steps, or empty them."""
    found = await subjects.records_of(work.database, work.entities, subject)
    done: list[subjects.Erasure] = []
    # Steps first: they would go with their to-do without being told of.
    for entity in ("task_checklist_item", "task"):
        if ids := found.get(entity, ()):
            if subject.delete:
                await subjects.remove(work, entity, ids)
            else:
                await subjects.blank(work, entity, ids)
            fate = subjects.Fate.DELETED if subject.delete else subjects.Fate.ANONYMISED
            done.append(subjects.Erasure(entity, fate, len(ids), _WHY))
    return done
