"""Do the plugin's tests reach what it does, and does a type checker understand it?"""

from __future__ import annotations

import subprocess
import sys
from collections.abc import AsyncIterator

from crmcore.contract.evidence import need, package_in_tests
from crmcore.contract.rule import Shortfall, Tier, Unverified, rule
from crmcore.contract.subject import Subject

__all__ = ["tests_reach_nearly_all_of_it", "types_are_strict"]

#: Percent of the statements.
_ENOUGH = 95
_SHOWN = 10


@rule(Tier.GOLD)
async def tests_reach_nearly_all_of_it(subject: Subject) -> AsyncIterator[Shortfall]:
    """A line that no test reaches breaks with the next version of something, and its users are the first to know.

    The plugin's own tests must reach 95 % of the statements of its package, measured by coverage.py. What need not be reached
    says so where it stands: `# pragma: no cover`.
    """
    evidence = subject.evidence
    if evidence.covered < _ENOUGH:
        yield Shortfall(
            f"Its tests reach {evidence.covered:.1f} % of {sum(evidence.statements.values())} statements; "
            f"{evidence.unreached} are not reached.",
            f"Reach {_ENOUGH} %: write a test for each of the places below, or remove what nobody needs.",
        )
        for file, lines in evidence.missed.items():
            yield Shortfall(f"{file} is not reached by a test at {lines}.", "Write a test that gets there.")


@rule(Tier.GOLD)
async def types_are_strict(subject: Subject) -> AsyncIterator[Shortfall]:
    """crmcore's types say what a hook is given and may return; a plugin that is checked against them learns of a change when it
    is built, not when it is used.

    `mypy --strict` finds nothing in the package.
    """
    need("mypy")
    package = package_in_tests(subject)
    if package is None:
        msg = "Its package is not at hand."
        raise Unverified(msg)
    ran = subprocess.run(  # noqa: S603, ASYNC221 - our own interpreter and a path; nothing else runs in this loop
        [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "--no-pretty", str(package)],
        cwd=subject.source or package.parent,
        capture_output=True,
        text=True,
        check=False,
    )
    if ran.returncode not in (0, 1):
        msg = f"mypy could not be run: {(ran.stderr or ran.stdout).strip()[-500:]}"
        raise Unverified(msg)
    errors = [line for line in ran.stdout.splitlines() if ": error: " in line]
    for line in errors[:_SHOWN]:
        where, _, what = line.partition(": error: ")
        stubs = "Install the stubs it wants, and name them in the dependency group of your tests."
        yield Shortfall(f"{where}: {what}", stubs if "stubs" in what else "Annotate it as `mypy --strict` wants it.")
    if len(errors) > _SHOWN:
        yield Shortfall(f"mypy finds {len(errors) - _SHOWN} errors more.", f"Run `mypy --strict {package.name}`.")
