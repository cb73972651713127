"""Editing modules that people have written in."""

from __future__ import annotations

import pytest

from crmcore.scaffold.hooks import Hook, with_hook
from crmcore.scaffold.imports import Import, with_imports
from crmcore.scaffold.refusing import ByHand

_MODULE = '''"""A plugin."""

from __future__ import annotations

import click
from collections.abc import Iterable
from crmcore import hookimpl, Entity
from crmcore_x.tables import Visit

VERSION = 1
'''
_JOBS = Hook("crm_jobs", "Iterable[Job]", "Jobs.", ("report",))


def test_imports_are_sorted_as_isort_does() -> None:
    """Sections, modules, and names in them: constants, classes, the rest; what only annotations need comes apart."""
    wanted = ["typing:Any", "crmcore:Job", "crmcore:columns as c", "crmcore_x.jobs:report", "crmcore:NAMES"]
    added = [*map(Import.read, wanted), Import.read("litestar.types:Scope", typing=True)]
    expected = '''"""A plugin."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import click
from crmcore import NAMES, Entity, Job, hookimpl
from crmcore import columns as c

from crmcore_x.jobs import report
from crmcore_x.tables import Visit

if TYPE_CHECKING:
    from litestar.types import Scope

VERSION = 1
'''
    assert expected == with_imports(_MODULE, added, "crmcore_x")


def test_imports_that_are_there_are_left_alone() -> None:
    """Not even their order changes."""
    assert _MODULE == with_imports(_MODULE, [Import.read("crmcore:Entity")], "crmcore_x")


def test_comments_between_imports_are_not_lost() -> None:
    """Then the lines are for a person to add."""
    source = _MODULE.replace("import click\n", "import click  # for the commands\n")
    with pytest.raises(ByHand) as unsafe:
        with_imports(source, [Import.read("crmcore:Job")], "crmcore_x")

    assert "from crmcore import Job\n" == unsafe.value.lines


def test_a_hook_stands_where_it_is_called() -> None:
    """A new one comes before those that are called later."""
    source = f"{_MODULE}\n\n@hookimpl\ndef crm_commands() -> Iterable[object]:\n    return [count]\n"
    found = with_hook(source, _JOBS)

    assert found.index("def crm_jobs") < found.index("def crm_commands")
    assert '@hookimpl\ndef crm_jobs() -> Iterable[Job]:\n    """Jobs."""\n    return [report]\n\n\n@hookimpl' in found


@pytest.mark.parametrize(
    ("there", "expected"),
    [
        ("[]", "[report]"),
        ("[one]", "[one, report]"),
        ("[report]", "[report]"),
        ("[\n        one,\n    ]", "[\n        one,\n        report,\n    ]"),
        (f"[{'o' * 105}]", f"[\n        {'o' * 105},\n        report,\n    ]"),
    ],
)
def test_a_list_gets_one_element_more(there: str, expected: str) -> None:
    """On one line as long as it fits, and as it was otherwise."""
    source = f"@hookimpl\ndef crm_jobs():\n    return {there}\n"

    assert f"@hookimpl\ndef crm_jobs():\n    return {expected}\n" == with_hook(source, _JOBS)


@pytest.mark.parametrize(
    "body",
    [
        "    return sorted(found)",
        "    if x:\n        return [a]\n    return [b]",
        "    return [\n        a,  # why\n    ]",
    ],
)
def test_a_hook_that_computes_is_for_a_person(body: str) -> None:
    """What is more than a list, or has comments in it, is not edited; the lines to add are said."""
    with pytest.raises(ByHand) as unsafe:
        with_hook(f"def crm_jobs():\n{body}\n", _JOBS)

    assert "return [report]" in unsafe.value.lines
