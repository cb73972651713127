"""The files of one folder as they will be; nothing is written before all is known."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from pathlib import Path

from crmcore.scaffold.refusing import ByHand, refused

__all__ = ["Tree"]


class Tree:
    """Files that will be written, over those that are there.

    Args:

        root: the folder; it need not exist.
    """

    def __init__(self, root: Path) -> None:
        self.root = root
        #: What a person is to add, with where and why.
        self.by_hand: list[str] = []
        self._new: dict[str, str] = {}
        self._changed: dict[str, str] = {}
        self._refused: list[str] = []

    @property
    def new(self) -> list[Path]:
        """Where new files will be."""
        return [self.root / path for path in self._new]

    def text(self, path: str) -> str | None:
        """Return a file as it will be, None if there is none."""
        for pending in (self._new, self._changed):
            if path in pending:
                return pending[path]
        file = self.root / path
        return file.read_text(encoding="utf-8") if file.is_file() else None

    def names(self, folder: str) -> list[str]:
        """Return the names of the files of a folder, as they will be, in order."""
        there = self.root / folder
        found = {path.name for path in there.iterdir()} if there.is_dir() else set()
        found |= {name.rpartition("/")[2] for name in self._new if name.rpartition("/")[0] == folder}
        return sorted(found)

    def add(self, path: str, text: str) -> None:
        """Have a new file; one that is there already is a reason to write nothing."""
        if self.text(path) is not None:
            self._refused.append(f"{self.root / path} is there already; move it, or write what is new by hand.")
        else:
            self._new[path] = text

    def leave_out(self, paths: Iterable[str]) -> None:
        """Have no such new files."""
        for path in paths:
            del self._new[path]

    def change(self, path: str, edit: Callable[[str], str], *, needed: bool = True) -> None:
        """Have a file changed.

        Args:

            path: the file.
            edit: from its text to the new one; may raise `ByHand`.
            needed: whether the rest is worth nothing without it; where it is not, a person is told what to add.
        """
        text = self.text(path)
        try:
            changed = _missing(edit) if text is None else edit(text)
        except SyntaxError as error:
            self._refused.append(
                f"{self.root / path} cannot be read as Python (line {error.lineno}); correct it first."
            )
            return
        except ByHand as unsafe:
            told = f"{self.root / path} was not changed. {unsafe.why} Add by hand:\n\n{_indented(unsafe.lines)}"
            (self._refused if needed else self.by_hand).append(told)
            return
        if path in self._new:
            self._new[path] = changed
        elif changed != text:
            self._changed[path] = changed

    def write(self) -> list[Path]:
        """Write everything, or nothing.

        Returns:

            the files, new ones first.

        Raises:

            SetupError: something is in the way; nothing was written.
        """
        if self._refused:
            raise refused(self._refused)
        written = []
        for path, text in self._new.items():
            file = self.root / path
            file.parent.mkdir(parents=True, exist_ok=True)
            with file.open("x", encoding="utf-8", newline="\n") as new:
                new.write(text)
            written.append(file)
        for path, text in self._changed.items():
            file = self.root / path
            file.write_text(text, encoding="utf-8", newline="\n")
            written.append(file)
        return written


def _missing(edit: Callable[[str], str]) -> str:
    """Raise what says which lines an edit would have added, by what it says of an empty file."""
    try:
        lines = edit("")
    except ByHand as unsafe:
        lines = unsafe.lines
    msg = "It is not there."
    raise ByHand(msg, lines)


def _indented(lines: str) -> str:
    return "\n".join(f"    {line}" if line else "" for line in lines.splitlines())
