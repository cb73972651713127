"""Writes the pages of `docs` that are made from the code: `python docs/build.py`."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from made.commands import commands
from made.entities import entities
from made.hooks import hook_pages
from made.quality import quality

from crmcore.settings.reference import settings_reference

HERE = Path(__file__).parent

#: What makes each page, by its path below `docs`.
PAGES: Mapping[str, Callable[[], str]] = {
    **hook_pages(),
    "reference/commands.md": commands,
    "reference/entities.md": entities,
    "reference/quality.md": quality,
    "reference/settings.md": settings_reference,
}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
