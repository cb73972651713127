"""The generated pages say what the code says, and no error lacks its place."""

from __future__ import annotations

import re
import runpy
from collections.abc import Callable

import pytest

from crmcore.errors import Code
from tests.docs.blocks import ROOT, pages

PAGES: dict[str, Callable[[], str]] = runpy.run_path(str(ROOT / "docs" / "build.py"))["PAGES"]


@pytest.mark.parametrize("name", sorted(PAGES))
def test_a_generated_page_is_up_to_date(name: str) -> None:
    """`python docs/build.py` would change nothing."""
    written = (ROOT / "docs" / "reference" / name).read_text("utf-8")

    assert PAGES[name]() == written, "run `python docs/build.py`"


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
