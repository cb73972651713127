"""An alarm: somebody looked at a customer that does not exist."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING
from uuid import UUID

from crmcore import Actor, Event, Work, sealing

if TYPE_CHECKING:
    from crmcore import Crm

__all__ = ["ComplianceHoneytokenTouched", "sound"]

_WARDEN = Actor.system("honeytoken")
_COUNT = "update compliance_honeytoken set alarms = alarms + 1, last_alarm_at = $2 where id = $1"


@dataclass(frozen=True, kw_only=True)
class ComplianceHoneytokenTouched(Event, of="compliance_honeytoken", since="0.1.0"):
    """Somebody looked at a customer that is a lure; who has business there is nobody."""

    customer_id: UUID
    by_id: str | None
    by_label: str
    looked_at: str
    access_id: UUID


async def sound(
    crm: Crm, lured: Collection[UUID], reading: sealing.Reading, entity: str, columns: Sequence[str], access_id: UUID
) -> None:
    """Tell of it by an event, which webhooks and subscriptions pass on."""

    async def unit(work: Work) -> None:
        for customer in lured:
            for row in await work.find("compliance_honeytoken", customer_id=customer):
                await work.database.execute(_COUNT, row["id"], work.now)
                told = work.event(
                    ComplianceHoneytokenTouched,
                    work.entities["compliance_honeytoken"],
                    row["id"],
                    customer_id=customer,
                    by_id=reading.actor.id,
                    by_label=reading.actor.label,
                    looked_at=", ".join(f"{entity}.{column}" for column in columns),
                    access_id=access_id,
                )
                await work.emit(told)

    await crm.run(_WARDEN, unit, request_id=reading.request_id)
