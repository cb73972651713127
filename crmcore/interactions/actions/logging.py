"""Recording what has happened, with those who took part, in one go."""

from __future__ import annotations

from dataclasses import asdict, dataclass, replace
from datetime import datetime
from typing import Annotated
from uuid import UUID

from crmcore.entities import actions
from crmcore.entities.action import Ref, action
from crmcore.entities.store import Row
from crmcore.entities.work import Work
from crmcore.errors import Invalid
from crmcore.interactions.events import InteractionCreated, InteractionLogged
from crmcore.interactions.tables import BodyFormat, Direction, ParticipantRole, Visibility

__all__ = ["ParticipantInput", "log_interaction", "tell_logged"]


@dataclass(frozen=True)
class ParticipantInput:
    """Somebody who took part: a customer, a colleague, or an address nobody knows."""

    customer_id: Annotated[UUID | None, Ref("customer"), "The customer who took part."] = None
    user_id: Annotated[UUID | None, Ref("user"), "The colleague who took part."] = None
    raw_address: Annotated[str | None, "The address as the channel gave it."] = None
    role: Annotated[ParticipantRole, "In which way."] = ParticipantRole.ATTENDEE


@action(returns="interaction")
async def log_interaction(
    work: Work,
    kind: Annotated[str, "What it was: one of the registered interaction kinds, as in CALL or NOTE."],
    customer_id: Annotated[UUID | None, Ref("customer"), "With whom; left out, the deal's customer."] = None,
    deal_id: Annotated[UUID | None, Ref("deal"), "For which deal."] = None,
    channel: Annotated[str | None, "Through which channel: one of the registered interaction channels."] = None,
    direction: Annotated[Direction, "Who turned to whom."] = Direction.OUTBOUND,
    subject: Annotated[str | None, "What it was about, in a line."] = None,
    body: Annotated[str | None, "What was said or written."] = None,
    body_format: Annotated[BodyFormat, "How the body is written."] = BodyFormat.PLAIN,
    occurred_at: Annotated[datetime | None, "When it happened or began; left out, now."] = None,
    ended_at: Annotated[datetime | None, "When it ended."] = None,
    duration_seconds: Annotated[int | None, "How many seconds it took."] = None,
    outcome: Annotated[str | None, "What came of it: a short code of your own."] = None,
    next_step: Annotated[str | None, "What is to be done next."] = None,
    thread_key: Annotated[str | None, "What all messages of one conversation have in common."] = None,
    external_id: Annotated[str | None, "What the channel calls it."] = None,
    visibility: Annotated[Visibility, "Who may read it, among those whose roles let them."] = Visibility.ALL,
    participants: Annotated[list[ParticipantInput] | None, "Who took part besides."] = None,
) -> Row:
    """Record an interaction that has happened, with those who took part.

    Raises:

        Invalid: nobody knows with whom it was, or a participant is nobody.
        Duplicate: the channel's message is recorded already.
    """
    said = {
        "kind": kind,
        "customer_id": customer_id,
        "deal_id": deal_id,
        "channel": channel,
        "direction": direction.name,
        "status": "COMPLETED",
        "subject": subject,
        "body": body,
        "body_format": body_format.name,
        "occurred_at": occurred_at or work.now,
        "ended_at": ended_at,
        "duration_seconds": duration_seconds,
        "outcome": outcome,
        "next_step": next_step,
        "thread_key": thread_key,
        "external_id": external_id,
        "visibility": visibility.name,
    }
    row = await actions.create(work, "interaction", {c: v for c, v in said.items() if v is not None})
    for place, one in enumerate(participants or ()):
        values = asdict(one) | {"role": one.role.name, "interaction_id": row["id"]}
        try:
            await actions.create(work, "interaction_participant", values)
        except Invalid as wrong:
            raise Invalid.of([replace(v, path=f"participants.{place}.{v.path}") for v in wrong.violations]) from wrong
    return row


async def tell_logged(work: Work, event: InteractionCreated) -> None:
    """Tell that something was recorded that has happened, whatever the door it came through."""
    after = event.after
    if after["status"] == "COMPLETED":
        told = work.event(
            InteractionLogged,
            work.entities["interaction"],
            event.record_id,
            interaction_kind=after["kind"],
            customer_id=after["customer_id"],
            deal_id=after["deal_id"],
            occurred_at=after["occurred_at"],
        )
        await work.emit(told)
