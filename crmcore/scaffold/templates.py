"""The templates: files beside this one, whose `$name`s are filled in."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from string import Template

__all__ = ["files", "filled", "raw"]

_FOLDER = Path(__file__).with_name("templates")
_ENDING = ".template"


def raw(path: str) -> str:
    """Return a template as it is, by its path below the folder of templates, without its ending."""
    return (_FOLDER / f"{path}{_ENDING}").read_text(encoding="utf-8")


def filled(path: str, words: Mapping[str, str]) -> str:
    """Return a template with its names filled in.

    Raises:

        KeyError: it has a name that is not among the words.
    """
    return Template(raw(path)).substitute(words)


def files(folder: str, words: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Yield the path that each template of a folder has in what is written, and its text.

    `package` in a path becomes the plugin's package, `dot-` a dot, so that no tool takes a template for the file it makes.
    """
    for path in sorted((_FOLDER / folder).rglob(f"*{_ENDING}")):
        parts = path.relative_to(_FOLDER / folder).as_posix().removesuffix(_ENDING).split("/")
        placed = [words["package"] if p == "package" else p.replace("dot-", ".") for p in parts]
        name = Template("/".join(placed)).substitute(words)
        yield name, filled(path.relative_to(_FOLDER).as_posix().removesuffix(_ENDING), words)
