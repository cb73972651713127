"""Where many callers hand in postings: those that come while others are posted are posted together, as databases commit in groups."""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Hashable, Iterable, Sequence
from contextvars import Context
from dataclasses import dataclass, replace
from functools import partial
from types import TracebackType
from typing import Self
from uuid import UUID

from crmcore import Actor, Crm, Row, Work, errors, ids
from crmcore_loyalty.ledger.accruing import accrue
from crmcore_loyalty.ledger.asked import Accrual, Redemption
from crmcore_loyalty.ledger.redeeming import redeem
from crmcore_loyalty.ledger.together import Outcome, Posting, post_together

__all__ = ["Desk", "Last"]

logger = logging.getLogger("crmcore_loyalty.desk")

#: Whose account somebody else holds on to need not be all of a group.
_OF_ONE = (errors.Contention, errors.StatementTimeout)
#: `last` of `Crm.run`.
Last = Callable[[Row], Awaitable[None]]


@dataclass(slots=True, frozen=True)
class _Waiting:
    """What was handed in, and where its outcome goes; an answer that is done already is one nobody waits for any more.

    Attributes:

        last: of `Crm.run`, where it is posted alone.
    """

    posting: Posting
    last: Last | None
    answer: asyncio.Future[Row | None]

    @property
    def account(self) -> tuple[UUID, UUID]:
        """Whose points, and which."""
        return self.posting.asked.member_id, self.posting.asked.currency_id


class Desk:
    """Posts what many callers of one process hand in at the same time together, in one transaction.

    What comes alone is posted at once, as by `accrue` and `redeem`; what comes meanwhile waits for it, and is the next group:
    nothing is ever held back to wait for more. A group is of actors who reach the same members; they are posted in the order in
    which they were handed in, each in its actor's name.

    Each caller gets the outcome that its posting alone would have had: its transaction, or its own refusal, recorded under its
    own id. What makes a whole group fail is posted one by one; only where the database cannot be reached all are told so.

    Example:

        async with Desk(crm) as desk:
            row = await desk.accrue(actor, Accrual(member_id=member_id, currency_id=currency_id, points=120, id=id))

    Args:

        crm: runs, until the desk is closed.
        largest: so many are posted together at most.
        waiting: so many wait at most; who comes then is refused.
    """

    def __init__(self, crm: Crm, *, largest: int = 100, waiting: int = 10_000) -> None:
        self._crm, self._largest, self._room = crm, largest, waiting
        self._open, self._waiting = False, 0
        self._lines: dict[Hashable, deque[_Waiting]] = {}
        self._busy: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._open = True
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        """Take nothing more, and end when all that was handed in has its outcome."""
        self._open = False
        try:
            while self._busy:
                await asyncio.wait(self._busy)
        except asyncio.CancelledError:
            for task in self._busy:
                task.cancel()
            raise

    async def accrue(
        self, actor: Actor, accrual: Accrual, *, request_id: str | None = None, last: Last | None = None
    ) -> Row:
        """Let a member earn points; see `crmcore_loyalty.ledger.accrue`.

        A caller that is cancelled does not know whether it was posted, as one whose connection breaks; asked again with the
        same id it has one effect.

        Args:

            actor: who lets it; the member must be within their reach.
            accrual: who, how many, and when they can be spent and expire.
            request_id: the request behind it, recorded in its events.
            last: as for `Crm.run`, called if it is posted alone; what comes of a group its callers read for themselves.

        Raises:

            Declined, KeyReused, NotFound, Invalid: as `accrue` does.
            Unavailable: too many wait already, or the database cannot be reached.
            RuntimeError: the desk is not open, or a transaction is, which would not end with it.
        """
        return await self._take(Posting(actor, replace(accrual, id=accrual.id or ids.new()), request_id), last)

    async def redeem(
        self, actor: Actor, redemption: Redemption, *, request_id: str | None = None, last: Last | None = None
    ) -> Row:
        """Spend a member's points; see `crmcore_loyalty.ledger.redeem`, and `accrue` for all else.

        Args:

            actor: who lets it; the member must be within their reach.
            redemption: whose, and how many.
            request_id: the request behind it.
            last: called if it is posted alone.
        """
        return await self._take(Posting(actor, replace(redemption, id=redemption.id or ids.new()), request_id), last)

    async def hand_in(self, posting: Posting, last: Last | None = None) -> Row | None:
        """Take what a mutation asks; see `accrue`.

        With an idempotency key, what came of it is kept by the transaction that posts it.

        Returns:

            The transaction; None where it has a key and is left to the caller, whose unit of work keeps that.
        """
        self._check()
        waiting = _Waiting(posting, last, asyncio.get_running_loop().create_future())
        who = self._crm.actors.reach(self._crm.database, posting.actor, "loyalty_member", "read")
        line = self._lines.get(who)
        if line is None:
            line = self._lines[who] = deque()
            self._begin(self._serve(who, line))
        line.append(waiting)
        self._waiting += 1
        return await waiting.answer

    async def _take(self, posting: Posting, last: Last | None) -> Row:
        row = await self.hand_in(posting, last)
        assert row is not None, "without a key nothing is left to the caller"
        return row

    def _check(self) -> None:
        if not self._open:
            msg = "This desk is closed; hand postings in while its `async with` block runs."
            raise RuntimeError(msg)
        if self._crm.database.in_transaction:
            msg = "A posting was handed in inside a transaction, which would not end with it. Use accrue or redeem with the Work at hand."
            raise RuntimeError(msg)
        if self._waiting >= self._room:
            msg = f"{self._room} postings wait already; try again in a moment."
            raise errors.Unavailable(msg)

    def _begin(self, doing: Coroutine[None, None, None]) -> None:
        # In a context of its own: the caller's may have a transaction, a trace, a tally.
        task = asyncio.create_task(doing, context=Context())
        self._busy.add(task)
        task.add_done_callback(self._busy.discard)

    async def _serve(self, who: Hashable, line: deque[_Waiting]) -> None:
        """Post what those who reach the same handed in, a group after the other."""
        try:
            while line:
                taken = [line.popleft() for _ in range(min(len(line), self._largest))]
                self._waiting -= len(taken)
                group = [one for one in taken if not one.answer.done()]
                await self._post(group)
                await asyncio.sleep(0)  # Who was answered may come again at once, and belongs to the next group.
        finally:
            del self._lines[who]
            self._waiting -= len(line)
            _give_up(line)

    async def _post(self, group: Sequence[_Waiting]) -> None:
        outcomes: Sequence[Outcome] = [None] * len(group)
        if len(group) > 1 or any(one.posting.once for one in group):
            try:
                outcomes = await self._together(group)
            except Exception as failure:
                if isinstance(failure, errors.Unavailable) and not isinstance(failure, _OF_ONE):
                    outcomes = [failure] * len(group)
                elif not isinstance(failure, errors.Refusal):
                    # One of them is told so; an operator should know why all were posted one by one.
                    logger.warning(
                        "A group of %d postings failed; they are posted one by one.", len(group), exc_info=True
                    )
            except BaseException:
                _give_up(group)
                raise
        apart: dict[tuple[UUID, UUID], list[_Waiting]] = {}
        for one, outcome in zip(group, outcomes, strict=True):
            if outcome is None and one.posting.once is None:
                apart.setdefault(one.account, []).append(one)
            else:
                _tell(one, outcome)
        await self._post_apart(list(apart.values()))

    async def _together(self, group: Sequence[_Waiting]) -> Sequence[Outcome]:
        unit = partial(post_together, postings=[one.posting for one in group])
        last = group[0].last if len(group) == 1 else None
        return await self._crm.run(
            group[0].posting.actor,
            unit,
            isolation="read committed",
            last=None if last is None else partial(_show, last=last),
        )

    async def _post_apart(self, accounts: Sequence[Sequence[_Waiting]]) -> None:
        """Post some one by one; those of different accounts do not wait for each other, and nobody waits for them."""
        if len(accounts) == 1:
            await self._one_by_one(accounts[0])
            return
        for postings in accounts:
            self._begin(self._one_by_one(postings))

    async def _one_by_one(self, waiting: Sequence[_Waiting]) -> None:
        try:
            for one in waiting:
                try:
                    posting, unit = one.posting, partial(_alone, asked=one.posting.asked)
                    row = await self._crm.run(
                        posting.actor, unit, request_id=posting.request_id, isolation="read committed", last=one.last
                    )
                    _tell(one, row)
                except Exception as failure:
                    _tell(one, failure)
        except BaseException:
            _give_up(waiting)
            raise


async def _show(outcomes: Sequence[Outcome], last: Last) -> None:
    """Read what is shown of the only one of a group, if it was posted."""
    if isinstance(outcomes[0], dict):
        await last(outcomes[0])


async def _alone(work: Work, asked: Accrual | Redemption) -> Row:
    return await (accrue(work, asked) if isinstance(asked, Accrual) else redeem(work, asked))


def _tell(one: _Waiting, outcome: Row | Exception | None) -> None:
    if one.answer.done():
        return  # Who handed it in was cancelled.
    if isinstance(outcome, Exception):
        one.answer.set_exception(outcome)
    else:
        one.answer.set_result(outcome)


def _give_up(waiting: Iterable[_Waiting]) -> None:
    for one in waiting:
        one.answer.cancel()
