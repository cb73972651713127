"""Postings that are drawn up one after the other and written together: each gets what it would get alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from crmcore import Row
from crmcore_loyalty.ledger import journal
from crmcore_loyalty.ledger.booking import note_move
from crmcore_loyalty.ledger.ground import Ground
from crmcore_loyalty.ledger.plan import Impossible, Plan
from crmcore_loyalty.ledger.request import Request, replayed

__all__ = ["Batch"]


class Batch:
    """What came of requests so far, and what of it is still to be written.

    Args:

        stored: what came of earlier requests, by id.

    Attributes:

        plans: drawn up and not written yet, refusals among them.
        moved: when members earned or redeemed, where that is to be noted.
    """

    def __init__(self, stored: dict[UUID, Row]) -> None:
        self._stored = stored
        self._latest: dict[UUID, datetime] = {}
        self.plans: list[Plan] = []
        self.moved: dict[UUID, datetime] = {}

    def add(self, request: Request, ground: Ground, draw: Callable[[], Plan]) -> Row:
        """Draw one up, or find what came of it before; `ground` and what `draw` looks at are as the ones before left them.

        Raises:

            Declined: it cannot be had, which is recorded too, or was declined before.
            KeyReused: the id was used for something else.
        """
        stored = self._stored.get(request.id)
        if stored is not None:
            return replayed(stored, request.fingerprint)
        try:
            plan = draw().finish()
        except Impossible as why:
            self._keep(Plan(request.refusal(request.work, why)))
            raise request.declined(why) from None
        self._note(note_move(ground, request.event_at), request.event_at)
        return self._keep(plan)

    def knows(self, id: UUID) -> bool:
        """Say whether something came of a request already."""
        return id in self._stored

    def outcome(self, id: UUID) -> Row:
        """Return the transaction of a request that was added."""
        return self._stored[id]

    def take(self) -> tuple[list[Plan], dict[UUID, datetime]]:
        """Return what is to be written, which is no more to be written then."""
        taken = self.plans, self.moved
        self.plans, self.moved = [], {}
        return taken

    def _keep(self, plan: Plan) -> Row:
        self.plans.append(plan)
        row = self._stored[plan.transaction.id] = journal.as_row(plan.transaction)
        return row

    def _note(self, member_id: UUID | None, at: datetime) -> None:
        if member_id is not None and ((before := self._latest.get(member_id)) is None or at > before):
            self._latest[member_id] = self.moved[member_id] = at
