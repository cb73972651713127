"""The table at the top of the page."""

from __future__ import annotations

from tests.benchmarks.beside import beside_what_is_asked
from tests.benchmarks.measure import Cell, Found
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
        ("crmcore, 100 subscribers", "one"): cells(150, 100, 125),
        ("crmcore, 20 plugins", "one"): cells(300, 190, 250, server=104.0),
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
| PostgreSQL with 100 subscribers, requests per second, times without | 0.50 [0.50–0.50] |  |  |
| PostgreSQL with 100 subscribers, processor time, times without | 1.00 [1.00–1.00] |  |  |
| PostgreSQL with 20 plugins, requests per second, times without | 1.00 [0.95–1.00] |  |  |
| PostgreSQL with 20 plugins, processor time, times without | 1.04 [1.04–1.04] |  |  |
"""
    assert expected == beside_what_is_asked(operations, found)


def test_what_was_not_measured_is_not_there() -> None:
    """Without peers there is nothing to compare with."""
    assert "PostGraphile" not in beside_what_is_asked(OPERATIONS, {("crmcore", "one"): cells(1)})
