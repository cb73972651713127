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
from crmcore_loyalty.ledger.together import Outcome, post_together

__all__ = ["Desk", "Last"]

logger = logging.getLogger("crmcore_loyalty.desk")

#: Whose account somebody else holds on to need not be all of a group.
_OF_ONE = (errors.Contention, errors.StatementTimeout)
#: `last` of `Crm.run`.
Last = Callable[[Row], Awaitable[None]]


@dataclass(slots=True, frozen=True)
class _Posting:
    """What was handed in, and where its outcome goes; an answer that is done already is one nobody waits for any more.

    Attributes:

        request_id: the request behind it.
        last: of `Crm.run`, where it is posted alone.
    """

    actor: Actor
    asked: Accrual | Redemption
    request_id: str | None
    last: Last | None
    answer: asyncio.Future[Row]


class Desk:
    """Posts what many callers of one process hand in at the same time together, in one transaction.

    What comes alone is posted at once, as by `accrue` and `redeem`; what comes meanwhile waits for it, and is the next group:
    nothing is ever held back to wait for more. Postings of one actor are posted in the order in which they were handed in.

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
        self._lines: dict[Hashable, deque[_Posting]] = {}
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
        return await self._hand_in(actor, replace(accrual, id=accrual.id or ids.new()), request_id, last)

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
        return await self._hand_in(actor, replace(redemption, id=redemption.id or ids.new()), request_id, last)

    async def _hand_in(
        self, actor: Actor, asked: Accrual | Redemption, request_id: str | None, last: Last | None
    ) -> Row:
        self._check()
        posting = _Posting(actor, asked, request_id, last, asyncio.get_running_loop().create_future())
        who = _who(actor)
        line = self._lines.get(who)
        if line is None:
            line = self._lines[who] = deque()
            self._begin(self._serve(who, line))
        line.append(posting)
        self._waiting += 1
        return await posting.answer

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

    async def _serve(self, who: Hashable, line: deque[_Posting]) -> None:
        """Post what one actor handed in, a group after the other."""
        try:
            while line:
                taken = [line.popleft() for _ in range(min(len(line), self._largest))]
                self._waiting -= len(taken)
                group = [posting for posting in taken if not posting.answer.done()]
                await self._post(group)
                await asyncio.sleep(0)  # Who was answered may come again at once, and belongs to the next group.
        finally:
            del self._lines[who]
            self._waiting -= len(line)
            _give_up(line)

    async def _post(self, group: Sequence[_Posting]) -> None:
        outcomes: Sequence[Outcome] = [None] * len(group)
        if len(group) > 1:
            try:
                asked = [(one.asked, one.request_id) for one in group]
                outcomes = await self._crm.run(
                    group[0].actor, partial(post_together, asked=asked), isolation="read committed"
                )
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
        apart: dict[tuple[UUID, UUID], list[_Posting]] = {}
        for one, outcome in zip(group, outcomes, strict=True):
            if outcome is None:
                apart.setdefault((one.asked.member_id, one.asked.currency_id), []).append(one)
            else:
                _tell(one, outcome)
        await self._post_apart(list(apart.values()))

    async def _post_apart(self, accounts: Sequence[Sequence[_Posting]]) -> None:
        """Post some one by one; those of different accounts do not wait for each other, and nobody waits for them."""
        if len(accounts) == 1:
            await self._one_by_one(accounts[0])
            return
        for postings in accounts:
            self._begin(self._one_by_one(postings))

    async def _one_by_one(self, postings: Sequence[_Posting]) -> None:
        try:
            for one in postings:
                try:
                    unit = partial(_alone, asked=one.asked)
                    row = await self._crm.run(
                        one.actor, unit, request_id=one.request_id, isolation="read committed", last=one.last
                    )
                    _tell(one, row)
                except Exception as failure:
                    _tell(one, failure)
        except BaseException:
            _give_up(postings)
            raise


def _who(actor: Actor) -> Hashable:
    """Return what is the same of those for whom a group may be posted: what is recorded of them, and whom they reach."""
    return actor.type, actor.id, actor.label, actor.user_id, actor.team_ids, actor.timezone, actor.access.key


async def _alone(work: Work, asked: Accrual | Redemption) -> Row:
    return await (accrue(work, asked) if isinstance(asked, Accrual) else redeem(work, asked))


def _tell(posting: _Posting, outcome: Row | Exception) -> None:
    if posting.answer.done():
        return  # Who handed it in was cancelled.
    if isinstance(outcome, Exception):
        posting.answer.set_exception(outcome)
    else:
        posting.answer.set_result(outcome)


def _give_up(postings: Iterable[_Posting]) -> None:
    for one in postings:
        one.answer.cancel()
