"""The order in which servers are measured."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from tests.benchmarks.measure import _in_turn
from tests.benchmarks.operations import OPERATIONS

SERVERS = ("a", "b", "c")


def cells() -> list[Any]:
    return [SimpleNamespace(server=server, operation=operation) for operation in OPERATIONS for server in SERVERS]


def test_each_round_asks_every_server_for_each_operation() -> None:
    """One operation after the other, so that what is compared was measured within seconds."""
    for number in range(6):
        turns = _in_turn(cells(), number)
        assert [o.key for o in OPERATIONS for _ in SERVERS] == [turn.operation.key for turn in turns]
        assert sorted(map(repr, cells())) == sorted(map(repr, turns))


def test_nobody_always_follows_the_same_one() -> None:
    """Who comes behind one that writes much works beside what its database still has to do."""
    for operation in OPERATIONS:
        orders = [[t.server for t in _in_turn(cells(), number) if t.operation is operation] for number in range(30)]
        for server in SERVERS:
            before = {order[order.index(server) - 1] for order in orders if order[0] != server}
            assert len(before) == 2
