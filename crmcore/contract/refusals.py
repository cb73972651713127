"""What the host says of a plugin it refuses, sorted by the rule that asks for it."""

from __future__ import annotations

from collections.abc import Iterator
from enum import Enum

from crmcore.contract.rule import Shortfall
from crmcore.contract.subject import Subject

__all__ = ["Refused", "refusals"]


class Refused(Enum):
    """Why the host refuses: words that only such problems have. What none of them fits is about starting."""

    HOOK = (
        "which is no hook",
        "lacks @hookimpl",
        "of the wrong kind of function",
        "by the wrong kind of",
        "wraps crm_",
    )
    ARGUMENT = ("which has no such argument", "a default; remove it")
    NAME = (
        "so that plugins cannot collide",
        "rename one",
        "twice; remove one",
        "give this",
        "both give",
        "both declare",
    )
    DESCRIPTION = ("without a description", "has no docstring")
    MIGRATIONS = ("migration",)
    START = ()


def refusals(subject: Subject, *kinds: Refused) -> Iterator[Shortfall]:
    """Yield the problems of some kinds that stop a CRM with the plugin."""
    for problem in subject.problems:
        if _kind(problem) in kinds:
            what, fix = _halves(problem)
            yield Shortfall(what, fix)


def _kind(problem: str) -> Refused:
    return next((kind for kind in Refused if any(word in problem for word in kind.value)), Refused.START)


def _halves(problem: str) -> tuple[str, str]:
    """Take a sentence of the host apart: what is wrong; the way out."""
    for joint in ("; ", ". "):
        what, found, fix = problem.rstrip().rpartition(joint)
        if found and fix:
            return f"{what}.", fix[0].upper() + fix[1:]
    return problem, "Correct it; a CRM that has the plugin does not start."
