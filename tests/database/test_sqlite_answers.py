"""A statement's answers to several values are had by one statement, and are what each would have been given alone."""

from __future__ import annotations

import sqlite3
from typing import Any

import pytest

from crmcore.database.sqlite import answers
from crmcore.database.sqlite.answers import Answers

ALL = (1, 2, 3, 4, 5)


class Things:
    """A table of things, and the statements that are run on it."""

    def __init__(self, *values: Any) -> None:
        self.raw = sqlite3.connect(":memory:", isolation_level=None)
        self.raw.execute("create table thing (id int, place integer primary key, any blob)")
        self.raw.executemany("insert into thing (id, any) values (?, ?)", values)
        self.answers, self.seen = Answers(self.raw), list[str]()

    def asked(self, sql: str, *ids: int) -> tuple[int, list[list[tuple[Any, ...]]]]:
        """Return how many statements there were the second time, and the answers."""
        values = [[id] for id in ids]
        first = self.answers.to(sql, values)
        self.seen.clear()
        self.raw.set_trace_callback(self.seen.append)
        second = self.answers.to(sql, values)
        self.raw.set_trace_callback(None)
        assert first == second == [self.raw.execute(sql, {"1": id}).fetchall() for id in ids]
        return len(self.seen), second


@pytest.mark.parametrize(
    "sql", ["select any from thing where id = $1", "select '$1', any, null from thing where id = $1"]
)
@pytest.mark.parametrize("count", [2, 3, 4, 5])
def test_several_are_one_statement(sql: str, count: int) -> None:
    """Texts, whole numbers and nothing come as they are, and whoever finds nothing has no row."""
    things = Things((1, 'a "text"\n\ue000\x1f'), (2, 2**63 - 1), (3, None), (5, "5"))
    assert 1 == things.asked(sql, *ALL[:count])[0]


def test_a_document_is_a_text() -> None:
    """Not a part of what they come in."""
    things = Things((1, "x"), (2, "y"))
    statements, found = things.asked("select json_object('any', any) from thing where id = $1", 1, 2)
    assert (1, [[('{"any":"x"}',)], [('{"any":"y"}',)]]) == (statements, found)


def test_nobody_finds_anything() -> None:
    """No row for any of them."""
    assert (1, [[], []]) == Things().asked("select any from thing where id = $1", 1, 2)


@pytest.mark.parametrize("value", [0.1 + 0.2, 1e300, 5.0, b"\0x"])
def test_what_they_could_not_hold_is_asked_alone(value: Any) -> None:
    """A number with digits behind the point, and bytes."""
    things = Things((1, "x"), (2, value))
    assert [[("x",)], [(value,)]] == things.asked("select any from thing where id = $1", 1, 2)[1]


def test_several_rows_are_asked_alone() -> None:
    """They come in the order that the statement gives them."""
    things = Things((1, "a"), (1, "c"), (1, "b"), (2, "x"))
    found = things.asked("select any from thing where id = $1 order by any desc", 1, 2)[1]
    assert [[("c",), ("b",), ("a",)], [("x",)]] == found


@pytest.mark.parametrize("most", [3, 4])
def test_more_values_than_sqlite_takes_are_asked_alone(monkeypatch: pytest.MonkeyPatch, most: int) -> None:
    """The last ones are repeated up to a number of which statements are kept, and count as well."""
    monkeypatch.setattr(answers, "MOST_VALUES", most)
    things = Things((1, "a"), (2, "b"), (3, "c"))
    assert {3: 3, 4: 1}[most] == things.asked("select any from thing where id = $1", 1, 2, 3)[0]


def test_more_than_go_together_are_asked_alone() -> None:
    """There is no statement for so many."""
    things = Things(*((n, str(n)) for n in range(17)))
    assert 17 == things.asked("select any from thing where id = $1", *range(17))[0]


@pytest.mark.parametrize(("most", "statements"), [(100, 3), (10_000, 1)])
def test_long_statements_are_asked_alone(monkeypatch: pytest.MonkeyPatch, most: int, statements: int) -> None:
    """SQLite would not take them several times over, and they would have to be kept."""
    monkeypatch.setattr(answers, "_LONGEST", most)
    things = Things((1, "a"), (2, "b"), (3, "c"))
    assert (statements, [[("a",)], [("b",)], [("c",)]]) == things.asked("select any from thing where id = $1", 1, 2, 3)
