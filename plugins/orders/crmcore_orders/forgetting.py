"""What is left of orders when a customer is erased: figures and what was sold, without a word about whom."""

from __future__ import annotations

from typing import TYPE_CHECKING

from crmcore import subjects

if TYPE_CHECKING:
    from crmcore import Work

__all__ = ["forget"]

_WHY = "Books and invoices are kept as long as the law asks; what was written about the person is gone."
_KEPT = "It says what was sold, and nothing about the person."


async def forget(work: Work, subject: subjects.Subject) -> list[subjects.Erasure]:
    """Empty notes and reasons of a person's orders; lines and amounts stay."""
    found = await subjects.records_of(work.database, work.entities, subject)
    done: list[subjects.Erasure] = []
    for entity in ("order", "order_refund"):
        if ids := found.get(entity, ()):
            await subjects.blank(work, entity, ids)
            done.append(subjects.Erasure(entity, subjects.Fate.ANONYMISED, len(ids), _WHY))
    for entity in ("order_line", "order_refund_line"):
        if ids := found.get(entity, ()):
            done.append(subjects.Erasure(entity, subjects.Fate.KEPT, len(ids), _KEPT))
    return done
