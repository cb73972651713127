"""The pages of hooks: one a hook with a real plugin that uses it, and the list of them in calling order."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Mapping
from functools import partial
from textwrap import dedent

from crmcore import hookspecs
from made.note import MADE
from made.uses import ROOT, Use, uses_of

__all__ = ["HOOKS", "hook_pages"]

#: All hooks by name, in calling order.
HOOKS: Mapping[str, Callable[..., object]] = {n: h for n, h in vars(hookspecs).items() if n.startswith("crm_")}

_DOOR = re.compile(r"^When: ", re.MULTILINE)


def hook_pages() -> dict[str, Callable[[], str]]:
    """Return what makes each page, by its path below `docs`."""
    pages: dict[str, Callable[[], str]] = {f"hooks/{name}.md": partial(_page, name) for name in HOOKS}
    return {"hooks/README.md": _index, **pages}


def _index() -> str:
    about = inspect.getdoc(hookspecs) or ""
    parts = [
        "# Hooks\n",
        about,
        "\n" + MADE,
        "## Declarations: called once each, while `Crm` is made\n",
        *_rows(living=False),
    ]
    parts += ["\n## Life: called while a CRM runs\n", *_rows(living=True)]
    return "\n".join(parts) + "\n"


def _rows(*, living: bool) -> list[str]:
    chosen = [(name, hook) for name, hook in HOOKS.items() if inspect.iscoroutinefunction(hook) == living]
    return ["| hook | what for |", "|---|---|", *(f"| [`{n}`]({n}.md) | {_paragraphs(h)[0]} |" for n, h in chosen)]


def _page(name: str) -> str:
    hook = HOOKS[name]
    first, *others = _paragraphs(hook)
    parts = [f"# `{name}`\n", f"    {_signature(name, hook)}\n", f"{first}\n", *(f"{text}\n" for text in others)]
    return "\n".join([*parts, *_excerpt(name), *_where(name), _neighbours(name), "", MADE])


def _paragraphs(hook: Callable[..., object]) -> list[str]:
    """Take a docstring apart: its sentences, `When`, and each section with its name before it."""
    found: list[str] = []
    for text in (inspect.getdoc(hook) or "").split("\n\n"):
        if text in ("Returns:", "Args:"):
            found.append(f"**{text.removesuffix(':')}**")
        elif found and found[-1] in ("**Returns**", "**Args**"):
            found[-1] += f": {' '.join(dedent(text).split())}"
        else:
            found.append(_DOOR.sub("**When**: ", " ".join(text.split())))
    return found


def _signature(name: str, hook: Callable[..., object]) -> str:
    said = inspect.signature(hook)
    words = "async def" if inspect.iscoroutinefunction(hook) else "def"
    return f"{words} {name}{str(said).replace(chr(39), '')}"


def _excerpt(name: str) -> list[str]:
    use = _shown(name)
    link = f"[`{use.plugin}`](../../{use.path})"
    return [
        f"## As {link} has it\n",
        f"<!-- not run: an excerpt of {use.path}, which its own tests run -->\n",
        f"```python\n{use.text}\n```\n",
    ]


def _shown(name: str) -> Use:
    real = [use for use in uses_of(name) if use.kind != "smallest"] or uses_of(name)
    chosen = [use for use in real if use.kind != "built-in"] or real
    # The one that says most, unless it is a page by itself.
    return max(chosen, key=lambda use: ((lines := len(use.text.splitlines())) <= 30, lines, use.path))


def _where(name: str) -> list[str]:
    kinds = {"example": "Example", "plugin": "Plugins", "built-in": "Built in", "smallest": "Smallest, from our tests"}
    lines = ["## Where to look\n"]
    if pages := _told(name):
        lines.append(f"- Pages: {', '.join(pages)}.")
    for kind, words in kinds.items():
        links = [f"[`{use.plugin}`](../../{use.path})" for use in uses_of(name) if use.kind == kind]
        lines += [f"- {words}: {', '.join(dict.fromkeys(links))}."] if links else []
    return [*lines, ""]


def _told(name: str) -> list[str]:
    found = []
    for folder in ("tutorial", "how-to", "concepts"):
        for page in sorted((ROOT / "docs" / folder).glob("*.md")):
            text = page.read_text("utf-8")
            if re.search(rf"def {name}\b|hooks/{name}\.md", text):
                found.append(f"[{text.splitlines()[0].removeprefix('# ')}](../{folder}/{page.name})")
    return found


def _neighbours(name: str) -> str:
    names = list(HOOKS)
    place = names.index(name)
    before = f"before it [`{names[place - 1]}`]({names[place - 1]}.md), " if place else ""
    then = f"then [`{names[place + 1]}`]({names[place + 1]}.md), " if place + 1 < len(names) else ""
    return f"In calling order: {before}{then}[all](README.md)."
