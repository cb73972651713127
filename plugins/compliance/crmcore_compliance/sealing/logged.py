"""Telling the access log of readings of sensitive fields, and of any reading about somebody who is watched."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from uuid import UUID

from crmcore import Entity
from crmcore.entities.sealing import Cell, Reading
from crmcore_compliance.state import Compliance

__all__ = ["tell_of_reading"]


async def tell_of_reading(
    compliance: Compliance, entity: Entity, sensitive: Collection[str], cells: Iterable[Cell], reading: Reading
) -> None:
    """Have the access log note who was read by whom, before the values are handed out."""
    log = compliance.log
    if log is None or not ((watched := log.watched) or sensitive):
        return
    # An event tells a value as it was and as it is: of one record.
    reads: dict[str, dict[tuple[UUID | None, UUID], None]] = {}
    for column, id, subject, _ in cells:
        if column in sensitive or (watched and subject in watched):
            reads.setdefault(column, {})[subject, id] = None
    if reads:
        await log.accessed(reading, entity.name, {column: list(pairs) for column, pairs in reads.items()})
