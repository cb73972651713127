"""Do many things in one transaction, each as if alone: what one refuses goes with it, the others stay.

They are done in a lot. If the database refuses something of it, nobody knows whose it was: then all of it is undone and done
again in smaller lots, at last one by one.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
from typing import TypeVar

from crmcore.entities.lot import Lot
from crmcore.entities.work import Work
from crmcore.entities.writing import Broken
from crmcore.errors import Refusal, Unavailable

__all__ = ["Ahead", "in_lots"]

T = TypeVar("T")
R = TypeVar("R")

#: Reads what some items are going to ask for; given what `in_lots` was given.
Ahead = Callable[[Lot, Sequence[T]], Awaitable[None]]
#: By how much a lot that was refused is larger than those that follow.
_PARTS = 8


async def in_lots(
    work: Work,
    items: Sequence[T],
    do: Callable[[T], Awaitable[R]],
    *,
    strict: bool = False,
    ahead: Ahead[T] | None = None,
    undone: Callable[[], None] = lambda: None,
) -> list[R | Refusal]:
    """Do something with each item, in order.

    Args:

        work: the unit of work.
        items: as many as one lot shall hold.
        do: may be called several times with an item, after everything it did before was undone.
        strict: end with the first refusal; it is the last outcome then, and what was done before it is written.
        ahead: is called first, to read what will be asked for.
        undone: is told when everything that was done in a lot was undone.

    Returns:

        what came of each, or why it was refused.

    Raises:

        Unavailable: a passing reason; the whole unit may be done again.
    """
    if work.lot is not None:
        return await _each(work.lot, items, do, strict=strict)
    if len(items) < 2:
        return [await _alone(work, item, do) for item in items]
    try:
        async with work.savepoint(), _lot(work) as lot:
            if ahead is not None:
                await ahead(lot, items)
            outcomes = await _each(lot, items, do, strict=strict)
            await lot.write()
            return outcomes
    except Broken:
        undone()
    outcomes = []
    for part in _parts(items):
        outcomes += await in_lots(work, part, do, strict=strict, ahead=ahead, undone=undone)
        if strict and outcomes and isinstance(outcomes[-1], Refusal):
            break
    return outcomes


@asynccontextmanager
async def _lot(work: Work) -> AsyncIterator[Lot]:
    lot = work.lot = Lot(work)
    work.database.hold(lot)
    try:
        yield lot
    except Unavailable:
        raise
    except Exception as error:
        if lot.broken and not isinstance(error, Broken):
            # Somebody caught the refusal and went on, in a transaction that takes no more.
            raise Broken from error
        raise
    else:
        if lot.broken:
            raise Broken
    finally:
        work.lot = None
        work.database.hold(None)


async def _each(lot: Lot, items: Sequence[T], do: Callable[[T], Awaitable[R]], *, strict: bool) -> list[R | Refusal]:
    outcomes: list[R | Refusal] = []
    for item in items:
        mark = lot.mark()
        try:
            outcomes.append(await do(item))
        except Unavailable:
            raise
        except Refusal as refusal:
            held = lot.holds_since(mark)
            if not lot.undo(mark):
                raise Broken from refusal
            outcomes.append(await _aside(lot, item, do) if held else refusal)
            if strict and isinstance(outcomes[-1], Refusal):
                break
    return outcomes


async def _aside(lot: Lot, item: T, do: Callable[[T], Awaitable[R]]) -> R | Refusal:
    """Do it once more, statement by statement: of what it had held back, the database might have refused something before."""
    await lot.write()
    with lot.aside():
        return await _alone(lot.work, item, do)


async def _alone(work: Work, item: T, do: Callable[[T], Awaitable[R]]) -> R | Refusal:
    try:
        async with work.savepoint():
            return await do(item)
    except Unavailable:
        raise
    except Refusal as refusal:
        return refusal


def _parts(items: Sequence[T]) -> list[Sequence[T]]:
    size = -(-len(items) // _PARTS)
    return [items[start : start + size] for start in range(0, len(items), size)]
