"""The stack of connections."""

from __future__ import annotations

import asyncio

import pytest

from crmcore.database.lifo import Lifo
from crmcore.errors import Unavailable


class Line:
    """A connection that knows only whether it is usable."""

    def __init__(self) -> None:
        self.usable = True
        self.unclear = False
        self.ended = 0
        self.mended = asyncio.Event()

    async def mend(self) -> None:
        await self.mended.wait()
        self.unclear = False

    def abandon(self) -> None:
        self.ended += 1

    async def close(self) -> None:
        self.ended += 1


class Exchange:
    """Where lines come from; it can be out of order."""

    def __init__(self) -> None:
        self.lines: list[Line] = []
        self.broken = False

    async def connect(self) -> Line:
        await asyncio.sleep(0)
        if self.broken:
            raise ConnectionRefusedError
        self.lines.append(Line())
        return self.lines[-1]


def stack_of(size: int, patience: float = 5.0) -> tuple[Lifo[Line], Exchange]:
    """Make a stack."""
    exchange = Exchange()
    return Lifo(exchange.connect, size, patience, "lines"), exchange


async def test_the_last_one_back_is_the_first_one_out() -> None:
    """So that few connections stay warm."""
    stack, exchange = stack_of(3)
    one, two = await stack.take(), await stack.take()
    stack.give(one)
    stack.give(two)
    assert await stack.take() is two
    assert 2 == len(exchange.lines)


async def test_connections_are_made_when_needed_and_no_more_than_allowed() -> None:
    """Ten tasks share two."""
    stack, exchange = stack_of(2)

    async def use() -> None:
        line = await stack.take()
        await asyncio.sleep(0)
        stack.give(line)

    await asyncio.gather(*(use() for _ in range(10)))
    assert 2 == len(exchange.lines)


async def test_who_waits_longest_is_served_first() -> None:
    """In turn."""
    stack, _ = stack_of(1)
    line, served = await stack.take(), list[int]()

    async def use(n: int) -> None:
        mine = await stack.take()
        served.append(n)
        stack.give(mine)

    tasks = [asyncio.create_task(use(n)) for n in range(5)]
    await asyncio.sleep(0)
    stack.give(line)
    await asyncio.gather(*tasks)
    assert [0, 1, 2, 3, 4] == served


async def test_waiting_ends() -> None:
    """The message says how many there are and how long was waited."""
    stack, _ = stack_of(1, patience=0.01)
    line = await stack.take()
    with pytest.raises(Unavailable, match=r"All lines \(1\) were busy for 0.01 s"):
        await stack.take()
    stack.give(line)
    assert await stack.take() is line


async def test_a_cancelled_waiter_takes_nothing_along() -> None:
    """The connection goes to the next in turn."""
    stack, _ = stack_of(1)
    line = await stack.take()
    first, second = asyncio.create_task(stack.take()), asyncio.create_task(stack.take())
    await asyncio.sleep(0)
    first.cancel()
    stack.give(line)
    assert await second is line


async def test_a_waiter_cancelled_in_the_moment_it_is_served_passes_on() -> None:
    """The connection was handed over but nobody took it: the next in turn gets it."""
    stack, _ = stack_of(1)
    line = await stack.take()
    first, second = asyncio.create_task(stack.take()), asyncio.create_task(stack.take())
    await asyncio.sleep(0)
    stack.give(line)
    first.cancel()
    async with asyncio.timeout(5):
        assert await second is line
    with pytest.raises(asyncio.CancelledError):
        await first


async def test_a_broken_connection_leaves_its_place_to_a_new_one() -> None:
    """Whoever waits for it opens another."""
    stack, exchange = stack_of(1)
    line = await stack.take()
    waiting = asyncio.create_task(stack.take())
    await asyncio.sleep(0)
    line.usable = False
    stack.give(line)
    assert await waiting is exchange.lines[1]
    assert 1 == line.ended


async def test_a_connection_that_was_cut_off_keeps_its_place_until_it_is_mended() -> None:
    """No second one is opened beside it: what it did may still run on the server."""
    stack, exchange = stack_of(1)
    line = await stack.take()
    line.unclear = True
    stack.give(line)
    waiting = asyncio.create_task(stack.take())
    await asyncio.sleep(0.01)
    assert (1, 1, False) == (stack.in_use, len(exchange.lines), waiting.done())
    line.mended.set()
    assert await waiting is line
    assert 0 == line.ended


async def test_a_connection_that_cannot_be_mended_leaves_its_place() -> None:
    """Whoever waits opens another."""
    stack, exchange = stack_of(1)
    line = await stack.take()
    line.unclear, line.usable = True, False
    stack.give(line)
    line.mended.set()
    assert await stack.take() is exchange.lines[1]
    assert 1 == line.ended


async def test_a_connection_that_broke_while_idle_is_not_handed_out() -> None:
    """The server was restarted in between."""
    stack, exchange = stack_of(1)
    line = await stack.take()
    stack.give(line)
    line.usable = False
    assert await stack.take() is exchange.lines[1]


async def test_a_connection_that_cannot_be_made_gives_its_place_back() -> None:
    """Failures do not use the stack up, and whoever waits tries for themselves."""
    stack, exchange = stack_of(1)
    exchange.broken = True
    first, second = asyncio.create_task(stack.take()), asyncio.create_task(stack.take())
    results = await asyncio.gather(first, second, return_exceptions=True)
    assert [ConnectionRefusedError] * 2 == [type(r) for r in results]
    exchange.broken = False
    assert (await stack.take()).usable


async def test_closing_ends_what_is_idle_and_waits_for_what_is_out() -> None:
    """Nothing is cut short that comes back soon."""
    stack, exchange = stack_of(2)
    out, idle = await stack.take(), await stack.take()
    stack.give(idle)
    closing = asyncio.create_task(stack.close())
    await asyncio.sleep(0)
    assert (0, 1) == (out.ended, idle.ended)
    stack.give(out)
    await closing
    assert 1 == out.ended
    assert 2 == len(exchange.lines)


async def test_closing_does_not_wait_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    """A connection that does not come back is ended where it is."""
    monkeypatch.setattr("crmcore.database.lifo._FAREWELL", 0.01)
    stack, _ = stack_of(1)
    out = await stack.take()
    await stack.close()
    assert 1 == out.ended


async def test_closing_sends_waiters_away() -> None:
    """They are told that the process stops."""
    stack, _ = stack_of(1)
    line = await stack.take()
    waiting = asyncio.create_task(stack.take())
    await asyncio.sleep(0)
    closing = asyncio.create_task(stack.close())
    with pytest.raises(Unavailable, match="stopping"):
        await waiting
    stack.give(line)
    await closing
