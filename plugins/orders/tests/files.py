"""Files through the command line, as an operator imports them, for tests."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from click.testing import CliRunner

from crmcore.cli import main

__all__ = ["HERE", "Counts", "Desk"]

HERE = Path(__file__).parent
#: Created, updated, unchanged, refused.
Counts = tuple[int, ...]


@dataclass(frozen=True)
class Desk:
    """A database, and a folder to work in."""

    database: str
    folder: Path

    async def crm(self, *words: str, code: int = 0) -> str:
        """Call `crm`; return what it wrote."""
        # A thread, for the command has an event loop of its own.
        result = await asyncio.to_thread(CliRunner().invoke, main, [*words, "--database", self.database])
        assert code == result.exit_code, result.output
        return result.output

    async def load(self, name: str, file: Path | str, *, refused: int = 0) -> dict[str, Counts]:
        """Import a file, or a text, by a shipped mapping; return what became of the records."""
        mapping = self.folder / f"{name}.toml"
        mapping.write_text(files("crmcore_orders").joinpath("mappings", f"{name}.toml").read_text("utf-8"), "utf-8")
        if isinstance(file, str):
            text, file = file, self.folder / f"{name}.csv"
            file.write_text(text, encoding="utf-8")
        output = await self.crm("import", str(mapping), str(file), code=1 if refused else 0)
        assert f", {refused} refused." in output
        rows = re.findall(r"^(\w+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)$", output, re.MULTILINE)
        return {name: tuple(map(int, counts)) for name, *counts in rows}
