"""The tables at the top of the page."""

from __future__ import annotations

from tests.benchmarks.beside import beside_what_costs_nothing, beside_what_is_asked
from tests.benchmarks.cells import Cell
from tests.benchmarks.closely import Times
from tests.benchmarks.measure import Found
from tests.benchmarks.operations import OPERATIONS


def cells(*rates: float, server: float = 100.0) -> list[Cell]:
    """Cells of rounds that answered so many requests a second."""
    return [Cell(rate, 1.0, 2.0, server, 0.0, 80.0, 700) for rate in rates]


def test_what_is_asked_stands_above_what_was_found() -> None:
    """The median of the rounds' ratios, the least and the most; nothing where nothing is asked or was measured."""
    found: Found = {
        ("crmcore", "one"): cells(300, 200, 250),
        ("PostGraphile", "one"): cells(100, 100, 100, server=400.0),
        ("crmcore", "create"): cells(100),
        ("PostGraphile", "create"): cells(200),
        ("crmcore on SQLite", "create"): cells(50, server=300.0),
    }
    operations = [o for o in OPERATIONS if o.key in ("one", "board", "create")]

    expected = """## Beside what is asked

|  | one by id | pipeline board | create an interaction |
| --- | --- | --- | --- |
| requests per second, times PostGraphile: asked | ≥ 2.5 | ≥ 3 | ≥ 1.5 |
| requests per second, times PostGraphile: found | 2.50 [2.00–3.00] |  | 0.50 [0.50–0.50] |
| processor time of the server, times PostGraphile: asked | ≤ 0.5 | ≤ 0.25 | ≤ 0.5 |
| processor time of the server, times PostGraphile: found | 0.25 [0.25–0.25] |  | 1.00 [1.00–1.00] |
| SQLite's requests per second, times PostgreSQL's |  |  | 0.50 [0.50–0.50] |
| SQLite's processor time, database included, times PostgreSQL's |  |  | 3.00 [3.00–3.00] |
"""
    assert expected == beside_what_is_asked(operations, found)


def test_what_was_not_measured_is_not_there() -> None:
    """Without peers there is nothing to compare with."""
    assert "PostGraphile" not in beside_what_is_asked(OPERATIONS, {("crmcore", "one"): cells(1)})


def test_what_should_cost_nothing_has_a_table_of_its_own() -> None:
    """The median of the starts, the least and the most."""
    expected = """## One by id with more besides, times the same server without

|  | requests per second | processor time of the server |
| --- | --- | --- |
| asked | 0.95 to 1.05 | 0.95 to 1.05 |
| crmcore, once more | 1.00 [0.98–1.03] | 1.01 [0.90–1.02] |
"""
    assert expected == beside_what_costs_nothing({"crmcore, once more": Times([0.98, 1.03, 1.0], [1.02, 0.9, 1.01])})
    assert beside_what_costs_nothing({}) == ""
