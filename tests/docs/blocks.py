"""The code blocks of README and docs, in the order a reader meets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]

#: Written before a block that cannot be run here, with the reason.
NOT_RUN = re.compile(r"<!-- not run: (?P<reason>.+?) -->", re.DOTALL)

#: What a block's first word may be; anything else is a spelling mistake or a language nobody runs.
LANGUAGES = frozenset({"python", "console", "graphql", "toml", "text", "javascript", "typescript", "json"})


@dataclass(frozen=True)
class Block:
    """One fenced block.

    Attributes:

        path: the file, relative to the repository.
        line: where it begins.
        language: first word after the fence.
        text: what stands in it.
        excuse: why it is not run, None if it is.
    """

    path: str
    line: int
    language: str
    text: str
    excuse: str | None


def pages() -> list[Path]:
    """Return README and every page of the documentation, of the plugins and of the examples."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]
    return sorted({*found, *ROOT.glob("plugins/*/README.md"), *ROOT.glob("examples/**/*.md")})


def blocks_of(page: Path) -> Iterator[Block]:
    """Read the blocks of a page."""
    excuse = None
    for token in MarkdownIt().parse(page.read_text()):
        if token.type == "html_block":
            found = NOT_RUN.search(token.content)
            excuse = found["reason"] if found else None
        elif token.type == "fence":
            assert token.map is not None
            language = token.info.split()[0] if token.info.strip() else ""
            yield Block(str(page.relative_to(ROOT)), token.map[0] + 1, language, token.content, excuse)
            excuse = None
