"""The code blocks of README and docs, in the order a reader meets them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]

#: The page that is typed in an environment of its own, from top to bottom, whatever its blocks are.
TYPED = ROOT / "docs" / "tutorial" / "plugin.md"

#: Written before a block that cannot be run here, with the reason.
NOT_RUN = re.compile(r"<!-- not run: (?P<reason>.+?) -->", re.DOTALL)

#: First line of a block that is the text of a file, the end of one, or what comes after a certain line of one.
FILE = re.compile(r"# (?P<end>at the end of )?(?P<path>[\w./-]+\.(?:py|toml))(?:, after: (?P<after>.+))?\n")

#: Written before a block that is an excerpt of a file which the reader has already.
STANDS = re.compile(r"<!-- stands in: (?P<path>\S+) -->")

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
        stands_in: the file that it is an excerpt of, None if it is none.
    """

    path: str
    line: int
    language: str
    text: str
    excuse: str | None
    stands_in: str | None = None

    @property
    def file(self) -> str | None:
        """The file that the block is the text of, None if it is none."""
        found = FILE.match(self.text)
        return found["path"] if found else None

    @property
    def typed(self) -> str:
        """What a reader types of it."""
        if self.language == "console":
            return "\n".join(line.removeprefix("$ ") for line in self.text.splitlines() if not line.startswith("#"))
        return "" if self.stands_in else FILE.sub("", self.text, count=1)

    def write(self, folder: Path) -> None:
        """Write the block into its file as a reader would: as all of it, at its end, or after one of its lines.

        Raises:

            AssertionError: the line is not there, or is there twice.
        """
        found = FILE.match(self.text)
        assert found, f"{self.path}:{self.line} names no file"
        path = folder / found["path"]
        path.parent.mkdir(parents=True, exist_ok=True)
        text = self.text[found.end() :]
        if line := found["after"]:
            before, between, behind = path.read_text("utf-8").partition(f"{line}\n")
            assert between, f"{self.path}:{self.line} {path} has no line {line}"
            assert line not in behind, f"{self.path}:{self.line} {path} has the line twice: {line}"
            text = f"{before}{between}{text}{behind}"
        with path.open("a" if found["end"] else "w", encoding="utf-8") as file:
            file.write(text)


def pages() -> list[Path]:
    """Return README and every page of the documentation, of the plugins and of the examples."""
    found = [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/**/*.md")]
    return sorted({*found, *ROOT.glob("plugins/*/README.md"), *ROOT.glob("examples/**/*.md")})


def blocks_of(page: Path) -> Iterator[Block]:
    """Read the blocks of a page."""
    excuse = stands_in = None
    for token in MarkdownIt().parse(page.read_text()):
        if token.type == "html_block":
            found = NOT_RUN.search(token.content)
            excuse = found["reason"] if found else None
            stands = STANDS.search(token.content)
            stands_in = stands["path"] if stands else None
        elif token.type == "fence":
            assert token.map is not None
            language = token.info.split()[0] if token.info.strip() else ""
            yield Block(str(page.relative_to(ROOT)), token.map[0] + 1, language, token.content, excuse, stands_in)
            excuse = stands_in = None
