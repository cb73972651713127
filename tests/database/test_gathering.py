"""Which reads go out together, and what each of them gets."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Hashable, Sequence
from contextvars import ContextVar
from typing import Any

import pytest

from crmcore.database import gathering
from crmcore.database.connection import Params
from crmcore.database.failures import Busy
from crmcore.database.gathering import Asked, Gathered, Gathering, Row, Together

SQL = "select (select name from thing where id = $1)"


_REQUEST: ContextVar[str | None] = ContextVar("request", default=None)


class Slow:
    """A statement for many whose groups wait until they are let go."""

    def __init__(self) -> None:
        self.asked: list[list[Params]] = []
        self.ended = 0
        self.microseconds = 10.0
        self.failure: Exception | None = None
        self.go = asyncio.Event()
        self.whose: list[str | None] = []

    def same(self, params: Params) -> Hashable:
        """Everything after the first parameter."""
        return tuple(params[1:])

    async def fetch(self, asked: Sequence[Params]) -> tuple[list[Row], float]:
        self.asked.append(list(asked))
        self.whose.append(_REQUEST.get())
        try:
            await self.go.wait()
        finally:
            self.ended += 1
        if self.failure is not None:
            raise self.failure
        return [(f"row {params[0]}",) for params in asked], self.microseconds * len(asked)

    @property
    def sizes(self) -> list[int]:
        """How many reads each group had."""
        return [len(asked) for asked in self.asked]


class Counter:
    """A gathering over a slow statement."""

    def __init__(self, statement: Gathered | None) -> None:
        self.prepared = 0
        self.groups: list[int] = []
        self._statement = statement
        self.gathering = Gathering(self._prepare, self.groups.append)

    def ask(self, *params: Any) -> Asked | None:
        """Ask for a read."""
        return self.gathering.ask(SQL, params)

    async def read(self, *params: Any) -> Together | None:
        """Return what a read gets; None if it goes alone."""
        asked = self.ask(*params)
        if asked is None:
            return None
        try:
            return await asked.answer
        except asyncio.CancelledError:
            asked.leave()
            raise

    async def _prepare(self, sql: str) -> Gathered | None:
        assert sql == SQL
        self.prepared += 1
        return self._statement


@pytest.fixture
def slow() -> Slow:
    """A statement that answers at once, unless a test takes that away."""
    made = Slow()
    made.go.set()
    return made


@pytest.fixture
def counter(slow: Slow) -> Counter:
    """Where reads of it are asked for."""
    return Counter(slow)


async def _turns(count: int = 8) -> None:
    for _ in range(count):
        await asyncio.sleep(0)


async def test_reads_of_one_round_go_together_and_each_gets_its_own_row(counter: Counter, slow: Slow) -> None:
    """By position, not by what they asked: two that ask the same both get it."""
    found = await asyncio.gather(*(counter.read(n) for n in ("a", "b", "a")))
    assert [("row a",), ("row b",), ("row a",)] == [each and each.row for each in found]
    assert [[("a",), ("b",), ("a",)]] == slow.asked
    assert [3] == counter.groups


async def test_who_is_alone_in_a_round_goes_alone(counter: Counter, slow: Slow) -> None:
    """At once: nothing waits for company."""
    assert [None, None] == [await counter.read("a"), await counter.read("b")]
    assert [] == slow.asked


async def test_the_statement_is_prepared_once(counter: Counter) -> None:
    """For all groups of a line."""
    for _ in range(3):
        await asyncio.gather(counter.read("a"), counter.read("b"))
    assert 1 == counter.prepared


async def test_what_cannot_go_together_goes_alone_for_good(slow: Slow) -> None:
    """Some statements have parameters that no array holds."""
    counter = Counter(None)
    assert [None, None] == await asyncio.gather(counter.read("a"), counter.read("b"))
    assert None is counter.ask("a")
    assert 1 == counter.prepared


async def test_what_must_be_the_same_parts_groups(counter: Counter, slow: Slow) -> None:
    """Whoever differs in it goes with those who have the same, the first time alone."""
    asked = [("a", 1), ("b", 2), ("c", 1), ("d", 2), ("e", 3)]
    assert [None] * 5 == await asyncio.gather(*(counter.read(*params) for params in asked))
    found = await asyncio.gather(*(counter.read(*params) for params in asked))
    assert [("row a",), ("row b",), ("row c",), ("row d",), None] == [each and each.row for each in found]
    assert [[("a", 1), ("c", 1)], [("b", 2), ("d", 2)]] == slow.asked


async def test_a_group_belongs_to_none_of_its_requests(counter: Counter, slow: Slow) -> None:
    """Nothing that is known of one of them is known of the statement."""
    token = _REQUEST.set("one")
    await asyncio.gather(counter.read("a"), counter.read("b"))
    _REQUEST.reset(token)
    assert [None] == slow.whose


async def test_when_a_group_fails_each_is_asked_alone(counter: Counter, slow: Slow) -> None:
    """One may be to blame; and the next group is tried again."""
    slow.failure = ValueError("no")
    assert [None, None] == await asyncio.gather(counter.read("a"), counter.read("b"))
    slow.failure = None
    assert None not in await asyncio.gather(counter.read("a"), counter.read("b"))


async def test_when_no_connection_was_free_nobody_waits_again(counter: Counter, slow: Slow) -> None:
    """They have waited as long as anybody waits."""
    slow.failure = Busy("All were busy.")
    both = await asyncio.gather(counter.read("a"), counter.read("b"), return_exceptions=True)
    assert [slow.failure, slow.failure] == both


async def test_one_that_leaves_leaves_the_others_their_rows(counter: Counter, slow: Slow) -> None:
    """A client that disconnects ends its own request alone."""
    slow.go.clear()
    gone, stays = (asyncio.create_task(counter.read(n)) for n in ("a", "b"))
    await _turns()
    gone.cancel()
    await _turns()
    slow.go.set()
    found = await stays
    assert found is not None
    assert ("row b",) == found.row
    with pytest.raises(asyncio.CancelledError):
        await gone


async def test_a_group_that_everybody_has_left_ends(counter: Counter, slow: Slow) -> None:
    """The database does not work for nobody."""
    slow.go.clear()
    tasks = [asyncio.create_task(counter.read(n)) for n in ("a", "b")]
    await _turns()
    for task in tasks:
        task.cancel()
    await _turns()
    assert 1 == slow.ended
    assert [True, True] == [task.cancelled() for task in tasks]


async def test_who_leaves_before_the_round_is_over_is_not_asked_for(counter: Counter, slow: Slow) -> None:
    """Nor is a group made of one."""
    gone, stays = (asyncio.create_task(counter.read(n)) for n in ("a", "b"))
    await asyncio.sleep(0)
    gone.cancel()
    assert None is await stays
    assert [] == slow.asked


async def test_two_groups_are_under_way_and_others_wait_for_one_of_them(
    counter: Counter, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """So that they grow while the database has enough to do."""
    monkeypatch.setattr(gathering, "_PATIENCE", 60)
    slow.go.clear()
    tasks = []
    for _ in range(4):
        tasks += [asyncio.create_task(counter.read(n)) for n in ("a", "b")]
        await _turns()
    assert [2, 2] == slow.sizes
    slow.go.set()
    await asyncio.gather(*tasks)
    assert [2, 2, 4] == slow.sizes


async def test_nobody_waits_long_for_a_group_that_does_not_come_back(
    counter: Counter, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A heavy one holds up those it went with, and no others."""
    monkeypatch.setattr(gathering, "_PATIENCE", 0)
    slow.go.clear()
    tasks = []
    for _ in range(3):
        tasks += [asyncio.create_task(counter.read(n)) for n in ("a", "b")]
        await _turns()
    assert [2, 2, 2] == slow.sizes
    slow.go.set()
    await asyncio.gather(*tasks)


@pytest.mark.parametrize(("microseconds", "largest"), [(1.0, 32), (500.0, 10), (2000.0, 2)])
async def test_a_group_is_as_large_as_the_time_it_should_take(
    counter: Counter, slow: Slow, microseconds: float, largest: int
) -> None:
    """As far as its line's groups have shown, and never more than 32."""
    slow.microseconds = microseconds
    for _ in range(40):
        await asyncio.gather(*(counter.read(n) for n in range(40)))
    assert largest == max(slow.sizes[-8:])


async def test_what_takes_the_database_long_goes_alone(counter: Counter, slow: Slow) -> None:
    """Nobody waits for another's heavy read more than a few times."""
    slow.microseconds = 50_000.0
    await asyncio.gather(*(counter.read(n) for n in range(4)))
    assert None is counter.ask("a")
    assert 2 >= len(slow.asked)


async def test_a_line_that_went_alone_is_tried_again(
    counter: Counter, slow: Slow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was slow once need not stay so."""
    monkeypatch.setattr(gathering, "_REST", -1)
    slow.microseconds = 50_000.0
    await asyncio.gather(counter.read("a"), counter.read("b"))
    slow.microseconds = 1.0
    assert None not in await asyncio.gather(counter.read("a"), counter.read("b"))


async def test_a_group_leaves_nothing_to_the_garbage_collector(counter: Counter) -> None:
    """It would stop the whole process, after some thousand reads, for as long as many of them take."""
    gc.collect()
    gc.disable()
    try:
        for _ in range(3):
            await asyncio.gather(*(counter.read(n) for n in ("a", "b", "c")))
        await _turns()
        left = [one for one in gc.get_objects() if isinstance(one, Asked)]
    finally:
        gc.enable()

    assert [3, 3, 3] == counter.groups
    assert [] == left


class Compared(Slow):
    """One that can tell which reads are equal, and is dear unless a test says otherwise."""

    def __init__(self) -> None:
        super().__init__()
        self.microseconds = 1000.0
        self.go.set()

    def exactly(self, params: Params) -> Hashable:
        """Their types count."""
        return tuple([(type(value), value) for value in params])


async def _asked_twice(slow: Slow, *params: Any) -> list[Any]:
    """Have a line learn what its reads take, then ask; return what each read got."""
    counter = Counter(slow)
    await asyncio.gather(counter.read("first"), counter.read("second"))
    slow.asked.clear()
    counter.groups.clear()
    found = await asyncio.gather(*(counter.read(n) for n in params))
    assert [len(params)] == counter.groups
    return [each and each.row for each in found]


async def test_equal_reads_of_what_is_dear_are_one() -> None:
    """Each gets the row of what it asked for, and counts as a read that went with others."""
    slow = Compared()
    assert [("row a",), ("row b",), ("row a",), ("row a",)] == await _asked_twice(slow, "a", "b", "a", "a")
    assert [[("a",), ("b",)]] == slow.asked


async def test_reads_that_can_be_told_apart_are_not_one() -> None:
    """1 is no 1.0, and no True."""
    slow = Compared()
    await _asked_twice(slow, 1, 1.0, True, 1)
    assert [[(1,), (1.0,), (True,)]] == slow.asked


async def test_equal_reads_of_what_is_cheap_are_not_looked_for() -> None:
    """That would cost all reads what it saves a few."""
    slow = Compared()
    slow.microseconds = 10.0
    counter = Counter(slow)
    for _ in range(8):
        await asyncio.gather(*(counter.read("a") for _ in range(3)))
    assert [("a",)] * 3 == slow.asked[-1]


async def test_when_equal_reads_fail_each_is_asked_alone() -> None:
    """As others are."""
    slow = Compared()
    slow.failure = ValueError("broken")
    counter = Counter(slow)
    for _ in range(2):
        assert [None] * 3 == await asyncio.gather(*(counter.read("a") for _ in range(3)))


async def test_who_leaves_equal_reads_ends_nobody_elses() -> None:
    """The last one does."""
    slow = Compared()
    counter = Counter(slow)
    await asyncio.gather(counter.read("first"), counter.read("second"))
    slow.go.clear()
    tasks = [asyncio.create_task(counter.read("a")) for _ in range(3)]
    await _turns()
    tasks[0].cancel()
    await _turns()
    assert 1 == slow.ended
    slow.go.set()
    assert [("row a",)] * 2 == [each and each.row for each in await asyncio.gather(*tasks[1:])]
