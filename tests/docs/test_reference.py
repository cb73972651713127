"""The generated pages say what the code says, and no error lacks its place."""

from __future__ import annotations

import inspect
import re
import runpy
import sys
import tomllib
from collections.abc import Callable

import pytest

from crmcore import hookspecs
from crmcore.contract.catalogue import all_rules
from crmcore.errors import Code
from tests.docs.blocks import ROOT, blocks_of, pages

# What `python docs/build.py` finds beside itself.
sys.path.insert(0, str(ROOT / "docs"))
PAGES: dict[str, Callable[[], str]] = runpy.run_path(str(ROOT / "docs" / "build.py"))["PAGES"]
HOOKS = {name: hook for name, hook in vars(hookspecs).items() if name.startswith("crm_")}


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_generated_page_is_up_to_date(name: str) -> None:
    """`python docs/build.py` would change nothing."""
    written = (ROOT / "docs" / name).read_text("utf-8")

    assert PAGES[name]() == written, "run `python docs/build.py`"


def test_no_page_is_left_of_what_is_made_no_more() -> None:
    """Each page of a hook belongs to a hook there is."""
    assert {name for name in PAGES if name.startswith("hooks/")} == {
        f"hooks/{path.name}" for path in (ROOT / "docs" / "hooks").iterdir()
    }


@pytest.mark.parametrize("name", sorted(HOOKS))
def test_a_hook_has_a_real_plugin_that_uses_it(name: str) -> None:
    """Its page shows one, and names the parameters."""
    page = PAGES[f"hooks/{name}.md"]()

    assert re.search(r"^## As .*\]\(../../(examples|plugins|crmcore)/", page, re.MULTILINE)
    assert re.search(rf"def {name}\({'.*'.join(inspect.signature(HOOKS[name]).parameters)}.*\) -> ", page)


def test_the_page_of_quality_speaks_of_rules_there_are() -> None:
    """Its example of quality.toml would be taken."""
    shown = next(b for b in blocks_of(ROOT / "docs" / "reference" / "quality.md") if b.language == "toml")

    assert set() == set(tomllib.loads(shown.text)["rules"]) - {rule.name for rule in all_rules()}


def test_every_code_has_its_anchor() -> None:
    """Whatever code a client or an operator reads is explained in docs/errors.md."""
    headings = set(re.findall(r"^### (\S+)$", (ROOT / "docs" / "errors.md").read_text("utf-8"), re.MULTILINE))
    raised = set()
    for source in (ROOT / "crmcore").rglob("*.py"):
        raised |= set(re.findall(r'SetupError\(\s*"([a-z-]+)"', source.read_text("utf-8")))

    assert {*Code, *raised, "INTERNAL"} == headings


def test_links_between_pages_lead_somewhere() -> None:
    """No page sends a reader to a file that is not there."""
    broken = [
        f"{page.relative_to(ROOT)}: {target}"
        for page in pages()
        for target in re.findall(r"\]\((?!https?:|#)([^)#]+)", page.read_text("utf-8"))
        if not (page.parent / target).exists()
    ]

    assert [] == broken
