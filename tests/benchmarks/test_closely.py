"""Servers that are started anew, since each keeps what it is quicker or slower by."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.benchmarks import closely as module
from tests.benchmarks.cells import Cell
from tests.benchmarks.closely import Closely, Times, closely

PLAN = Closely(starts=8, turns=3, seconds=0.1, warm=7.0)


class Server:
    """A contender that is quicker or slower each time it is started."""

    world = database = None

    def __init__(self, name: str, *rates: float) -> None:
        self.peer, self._rates = SimpleNamespace(name=name), rates
        self.starts = self.asked = 0

    @contextmanager
    def running(self, folder: Path) -> Iterator[Any]:
        assert folder == Path("logs")
        self.starts += 1
        yield self
        self.asked = 0

    def cell(self, seconds: float) -> Cell:
        """Each third turn finds the machine busy."""
        rate = self._rates[self.starts - 1]
        if not self.asked:
            assert seconds == PLAN.warm
        self.asked += 1
        assert self.asked == 1 or seconds == PLAN.seconds
        return Cell(rate / (9 if self.asked == 3 else 1), 1.0, 2.0, 1000 / rate, 0.0, 80.0, 700)


@pytest.fixture(autouse=True)
def asking(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The order in which servers were asked."""
    order = list[str]()

    def asked(contender: Server, running: Server, operation: Any) -> Any:
        assert contender is running
        return SimpleNamespace(cell=lambda seconds: order.append(contender.peer.name) or contender.cell(seconds))

    monkeypatch.setattr(module, "Asking", asked)
    return order


def test_each_start_gives_one_figure_beside_the_first_server() -> None:
    """The median of its turns."""
    plain, other = Server("plain", *[100.0] * 8), Server("other", 100.0, 200.0, 50.0, *[100.0] * 5)
    found = closely([plain, other], None, PLAN, Path("logs"))  # type: ignore[arg-type, list-item]
    assert found == {"other": Times([1.0, 2.0, 0.5, *[1.0] * 5], [1.0, 0.5, 2.0, *[1.0] * 5])}
    assert plain.starts == other.starts == 8


def test_they_take_turns_in_changing_order(asking: list[str]) -> None:
    """Each once in a turn."""
    closely([Server(name, *[1.0] * 8) for name in "abc"], None, PLAN, Path("logs"))  # type: ignore[arg-type, misc]
    turns = [tuple(asking[at : at + 3]) for at in range(0, len(asking), 3)]
    assert len(turns) == 8 * (1 + PLAN.turns)
    assert all(sorted(turn) == ["a", "b", "c"] for turn in turns)
    assert len(set(turns)) > 3
