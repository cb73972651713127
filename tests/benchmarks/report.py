"""What was measured as a page of documentation: a table for each figure, a ratio for each peer."""

from __future__ import annotations

import platform
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from tests.benchmarks.beside import OWN, beside_what_costs_nothing, beside_what_is_asked, ratios, table
from tests.benchmarks.cells import CONNECTIONS, Cell
from tests.benchmarks.closely import Closely, Times
from tests.benchmarks.interpreter import SLOW, described, optimised
from tests.benchmarks.measure import Found, Plan
from tests.benchmarks.operations import Operation
from tests.benchmarks.peers.subscribed import SUBSCRIBERS
from tests.benchmarks.world import Size

__all__ = ["Report", "write"]


#: How the page speaks of what is measured beside crmcore.
_PEERS = {
    "PostGraphile": "PostGraphile 5",
    "Strawberry": "Strawberry (SQLAlchemy, DataLoaders, its parser and validation caches)",
}


@dataclass(frozen=True)
class Report:
    """What was measured.

    Attributes:

        size, small: of the data on PostgreSQL and on SQLite.
        plan, close: how long and how often.
        operations: what was asked.
        found: the cells.
        beside: servers that have more to do besides, by name.
        bare, bare_sqlite: processor time of the statements alone, microseconds by operation's key.
        deep, deep_sqlite: the same of a page that begins at the newest interaction that was made, and of one of the last.
    """

    size: Size
    small: Size
    plan: Plan
    close: Closely
    operations: Sequence[Operation]
    found: Found
    beside: Mapping[str, Times]
    bare: Mapping[str, float]
    bare_sqlite: Mapping[str, float]
    deep: tuple[float, float]
    deep_sqlite: tuple[float, float]

    @property
    def peers(self) -> list[str]:
        """Names of what was measured."""
        return list(dict.fromkeys(peer for peer, _ in self.found))


def write(report: Report) -> str:
    """Write the page."""
    figures: tuple[tuple[str, Callable[[Cell], float], str], ...] = (
        ("Requests per second", lambda c: c.rate, "{:.0f}"),
        ("Processor time of the server, microseconds a request", lambda c: c.server, "{:.0f}"),
        ("Processor time of the database, microseconds a request", lambda c: c.database, "{:.0f}"),
        ("Median time until the answer, milliseconds", lambda c: c.p50, "{:.1f}"),
        ("99 of 100 answers come within, milliseconds", lambda c: c.p99, "{:.1f}"),
        ("Memory of the server under load, MiB (PSS)", lambda c: c.memory, "{:.0f}"),
        ("Size of an answer, bytes", lambda c: float(c.size), "{:.0f}"),
    )
    parts = [
        _head(report),
        beside_what_is_asked(report.operations, report.found),
        beside_what_costs_nothing(report.beside),
    ]
    others = [p for p in report.peers if not p.startswith(OWN)]
    for title, of, form in figures:
        rows = [[peer, *_medians(report, peer, of, form)] for peer in report.peers]
        parts.append(table(report.operations, title, rows))
    for peer in others:
        rows = [
            [f"{what}, times {peer}", *ratios(report.operations, report.found, (OWN, peer), of)]
            for what, of in (
                ("requests per second", lambda c: c.rate),
                ("processor time of the server", lambda c: c.server),
                ("of server and database", lambda c: c.server + c.database),
            )
        ]
        parts.append(table(report.operations, f"crmcore beside {peer}", rows))
    rows = [
        [name, *(f"{found[o.key]:.0f}" if o.key in found else "" for o in report.operations)]
        for name, found in (("PostgreSQL", report.bare), ("SQLite", report.bare_sqlite))
    ]
    parts.append(
        table(
            report.operations, "The database alone: the same statement prepared, microseconds of processor time", rows
        )
    )
    parts.append(_depth(report))
    return "\n".join(part for part in parts if part)


def _depth(report: Report) -> str:
    lines = [
        f"| {name}, {size.interactions:,} interactions | {first:.0f} | {last:.0f} | {last / first:.2f} |"
        for name, size, (first, last) in (
            ("PostgreSQL", report.size, report.deep),
            ("SQLite", report.small, report.deep_sqlite),
        )
    ]
    heads = ["|  | from the newest | from a hundred before the oldest | ratio |", "| --- | --- | --- | --- |"]
    title = "## A page of 50 interactions in the order of time, microseconds of the database's processor time"
    return "\n".join([title, "", *heads, *lines, ""])


def _others(report: Report) -> str:
    named = [text for peer, text in _PEERS.items() if peer in report.peers]
    if not named:
        return ""
    return (
        f"{' and '.join(named)} run{'s' if len(named) == 1 else ''} on the same tables without sign-in, rules, limits and log; "
        "creating an interaction is one insert for them, while crmcore checks who may, keeps the customer's dates, indexes the text "
        "for search and answers under the same rules. "
    )


def _head(report: Report) -> str:
    size, small, plan, close = report.size, report.small, report.plan, report.close
    return f"""# Performance

Measured by `tox -e bench` on {platform.machine()} with {described()}; the page is written by it.{"" if optimised() else f" **{SLOW}**"}
On PostgreSQL 18 there are {size.customers:,} customers, {size.deals:,} deals and {size.interactions:,} interactions, on SQLite {small.customers:,}, {small.deals:,} and {small.interactions:,}.
{CONNECTIONS} connections ask with varying variables, {plan.rounds} rounds of {plan.seconds:g} s in which the servers take turns; the figures are medians. Before that each warms up {plan.warm:g} s for each operation, PostGraphile {plan.long:g} s, since it gets faster for long. Load generator, server and database share the machine.

crmcore is served by `crm serve` as in production: each request is signed in by token, row rules and limits count, and a line is logged. "One team" asks as a manager who reaches a fifth of the records, so that four of five of the creates are refused. {_others(report)}`synchronous_commit` is off for all.

Ratios are of cells of the same round: the median, and in brackets the least and the most. What should cost nothing is measured apart: two processes of one program differ by some hundredths for as long as they run, so all are started {close.starts} times, {close.turns} cells of {close.seconds:g} s after each start; the same server "once more" shows what cannot be told. {SUBSCRIBERS} subscribers listen for changes of customers, of which there are none.
"""


def _medians(report: Report, peer: str, of: Callable[[Cell], float], form: str) -> Iterable[str]:
    for operation in report.operations:
        cells = report.found.get((peer, operation.key))
        yield form.format(median(map(of, cells))) if cells else ""
