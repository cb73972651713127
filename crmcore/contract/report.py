"""A report as text for a terminal, and as JSON for a program."""

from __future__ import annotations

from collections.abc import Iterator
from textwrap import fill
from typing import Any

from crmcore.contract.run import Outcome, Report, State

__all__ = ["as_json", "lines_of", "summary"]

_WIDTH = 110


def lines_of(outcome: Outcome) -> Iterator[str]:
    """Yield what there is to say about a rule: what falls short, why that matters, and how to mend it."""
    rule = outcome.rule
    yield f"{outcome.state.value:<12} {rule.tier!s:<6}  {rule.name}"
    for shortfall in outcome.shortfalls:
        yield _indented(shortfall.what, "  ")
        yield _indented(shortfall.fix, "    -> ", "       ")
    if outcome.note:
        yield _indented(outcome.note, "  ")
    if outcome.shortfalls:
        yield _indented(f"Why: {rule.why}", "  ")


def summary(report: Report) -> str:
    """Return the sentence at the end: what the plugin is, and what it lacks."""
    who = _who(report)
    lacking = sum(not outcome.state.counts for outcome in report.outcomes)
    if report.asked is None:
        return f"{who} keeps {'them' if lacking == 0 else 'not all of them'}."
    if lacking == 0:
        return f"{who} is {report.asked}."
    rules = "a rule" if lacking == 1 else f"{lacking} rules"
    reached = f"it is {report.reached}" if report.reached else "it is not bronze either" if report.asked > 1 else ""
    unverified = all(o.state.counts or o.state is State.UNVERIFIED for o in report.outcomes)
    verb = "is not known to be" if unverified else "is not"
    return f"{who} {verb} {report.asked}: {rules} {'is' if lacking == 1 else 'are'} lacking{f'; {reached}' if reached else ''}."


def as_json(report: Report) -> dict[str, Any]:
    """Return all of it as plain values."""
    plugin = report.subject
    return {
        "plugin": plugin.name,
        "distribution": plugin.distribution.name if plugin.distribution else None,
        "version": plugin.distribution.version if plugin.distribution else None,
        "asked": str(report.asked) if report.asked else None,
        "reached": str(report.reached) if report.reached else None,
        "good": report.good,
        "rules": [
            {
                "name": outcome.rule.name,
                "tier": str(outcome.rule.tier),
                "state": outcome.state.value,
                "why": outcome.rule.why,
                "shortfalls": [{"what": s.what, "fix": s.fix} for s in outcome.shortfalls],
                "note": outcome.note,
            }
            for outcome in report.outcomes
        ],
    }


def _who(report: Report) -> str:
    distribution = report.subject.distribution
    return f"{distribution.name} {distribution.version}" if distribution else f"Plugin {report.subject.name!r}"


def _indented(text: str, first: str, rest: str = "") -> str:
    return fill(text, _WIDTH, initial_indent=first, subsequent_indent=rest or first, break_on_hyphens=False)
