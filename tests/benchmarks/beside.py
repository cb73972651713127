"""What was found beside what is asked: tables of ratios of cells that were measured one after the other."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from statistics import median

from tests.benchmarks.cells import Cell
from tests.benchmarks.closely import Times
from tests.benchmarks.measure import Found
from tests.benchmarks.operations import Operation

__all__ = ["HERE", "OWN", "beside_what_costs_nothing", "beside_what_is_asked", "ratios", "table"]

OWN = "crmcore"
_PEER, HERE = "PostGraphile", f"{OWN} on SQLite"

#: Asked for at least, and at most, by operation's key: of requests per second and of the server's processor time, times
#: PostGraphile's.
_RATE = {"one": 2.5, "page": 2.5, "360": 2.5, "lists": 2.5, "board": 3, "create": 1.5}
_COST = {"one": 0.5, "create": 0.5, "page": 0.25, "360": 0.25, "lists": 0.25, "board": 0.25}


def beside_what_is_asked(operations: Sequence[Operation], found: Found) -> str:
    """Write the table: what is asked of the ratio to PostGraphile and what it is, and what SQLite's is to PostgreSQL's."""
    rows: list[list[str]] = []

    def add(what: str, pair: tuple[str, str], of: Callable[[Cell], float], asked: list[str] | None = None) -> None:
        written = list(ratios(operations, found, pair, of))
        if any(written):
            rows.extend([[f"{what}: asked", *asked], [f"{what}: found", *written]] if asked else [[what, *written]])

    rate = [f"≥ {_RATE[o.key]:g}" if o.key in _RATE else "" for o in operations]
    cost = [f"≤ {_COST[o.key]:g}" if o.key in _COST else "" for o in operations]
    add(f"requests per second, times {_PEER}", (OWN, _PEER), _rate, rate)
    add(f"processor time of the server, times {_PEER}", (OWN, _PEER), _server, cost)
    add("SQLite's requests per second, times PostgreSQL's", (HERE, OWN), _rate)
    add("SQLite's processor time, database included, times PostgreSQL's", (HERE, OWN), lambda c: c.server + c.database)
    return table(operations, "Beside what is asked", rows)


def beside_what_costs_nothing(found: Mapping[str, Times]) -> str:
    """Write the table: how a server that has more to do besides differs from the plain one; nothing where none was measured."""
    if not found:
        return ""
    rows = [
        [name, *(f"{median(times):.2f} [{min(times):.2f}–{max(times):.2f}]" for times in (t.rate, t.server))]
        for name, t in found.items()
    ]
    asked = ["asked", "0.95 to 1.05", "0.95 to 1.05"]
    heads = ["", "requests per second", "processor time of the server"]
    return _lines("One by id with more besides, times the same server without", [heads, ["---"] * 3, asked, *rows])


def ratios(
    operations: Sequence[Operation], found: Found, pair: tuple[str, str], of: Callable[[Cell], float]
) -> Iterable[str]:
    """Yield for each operation a figure of the first of two peers in times the second's; empty where one was not asked."""
    for operation in operations:
        first, second = (found.get((peer, operation.key), []) for peer in pair)
        times = [of(a) / of(b) for a, b in zip(first, second, strict=False)]
        yield f"{median(times):.2f} [{min(times):.2f}–{max(times):.2f}]" if times else ""


def table(operations: Sequence[Operation], title: str, rows: Iterable[Sequence[str]]) -> str:
    """Write a table with a column for each operation."""
    heads = ["", *(o.title for o in operations)]
    return _lines(title, [heads, ["---"] * len(heads), *rows])


def _lines(title: str, lines: Iterable[Sequence[str]]) -> str:
    return f"## {title}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines) + "\n"


def _rate(cell: Cell) -> float:
    return cell.rate


def _server(cell: Cell) -> float:
    return cell.server
