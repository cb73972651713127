"""Bronze: the plugin has tests, and they try it in a CRM."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

from crmcore.contract.places import pyproject
from crmcore.contract.rule import Shortfall, Tier, Unverified, rule
from crmcore.contract.subject import Subject

__all__ = ["a_test_uses_the_crm"]

_EXAMPLE = "Write one: `async def test_it(crm): assert await crm.execute(…)`; the fixture comes with crmcore."


@rule(Tier.BRONZE)
async def a_test_uses_the_crm(subject: Subject) -> AsyncIterator[Shortfall]:
    """A plugin is used inside a CRM, so that is where it has to be tried; tests that stand in for one test the stand-in.

    At least one test, or a fixture of the tests, takes the fixture `crm`: a CRM that runs with the plugin.
    """
    if subject.source is None:
        msg = f"Its source tree is not at hand; give it: crm plugin check {subject.name} --source DIR."
        raise Unverified(msg)
    files = list(_files(subject.source))
    if not files:
        yield Shortfall(f"There are no tests in {subject.source}.", _EXAMPLE)
    elif not any(_takes_crm(file) for file in files):
        yield Shortfall("None of its tests takes the fixture crm.", _EXAMPLE)


def _files(source: Path) -> Iterator[Path]:
    said = pyproject(source).get("tool", {}).get("pytest", {}).get("ini_options", {}).get("testpaths", ["tests"])
    for folder in said if isinstance(said, list) else str(said).split():
        for pattern in ("test_*.py", "*_test.py", "conftest.py"):
            yield from (source / folder).rglob(pattern)


def _takes_crm(file: Path) -> bool:
    try:
        tree = ast.parse(file.read_text("utf-8"))
    except (SyntaxError, ValueError):
        return False
    functions = (node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
    return any(argument.arg == "crm" for f in functions for argument in (*f.args.args, *f.args.kwonlyargs))
