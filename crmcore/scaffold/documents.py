"""Additions to what is no Python: README, changelog, capabilities."""

from __future__ import annotations

import json
import re
import tomllib
from collections.abc import Iterable, Sequence

from crmcore.scaffold.refusing import ByHand

__all__ = ["with_capabilities", "with_change", "with_rows", "with_setting"]

_TABLE_HEAD = "| where | what |"


def with_rows(readme: str, rows: Sequence[str]) -> str:
    """Add rows to the README's table of what the plugin adds.

    Raises:

        ByHand: there is no such table.
    """
    lines = readme.splitlines()
    if _TABLE_HEAD not in lines:
        msg = f"There is no table that begins with {_TABLE_HEAD!r}."
        raise ByHand(msg, "\n".join(rows))
    end = lines.index(_TABLE_HEAD)
    while end < len(lines) and lines[end].startswith("|"):
        end += 1
    missing = [row for row in rows if row not in lines]
    return "\n".join([*lines[:end], *missing, *lines[end:]]) + "\n"


def with_setting(readme: str, section: str, lines: Sequence[str]) -> str:
    """Add the section on settings, before the one on how to remove the plugin.

    Raises:

        ByHand: there is one already, or no place for it.
    """
    text = "\n".join(["## Settings", "", "```toml", f"[plugins.{section}]", *lines, "```", "", ""])
    if "\n## Settings" in readme or "\n## Remove it" not in readme:
        msg = "It has settings already, or no section `## Remove it` before which they could stand."
        raise ByHand(msg, text)
    return readme.replace("## Remove it", f"{text}## Remove it", 1)


def with_change(changelog: str, change: str) -> str:
    """Add a line under `### Added` of the newest version, which must not be released yet.

    Raises:

        ByHand: there is no such place.
    """
    line = f"- {change}"
    found = re.search(
        r"^## [^\n]*unreleased[^\n]*\n(?:(?!^## ).*\n)*?### Added\n\n(?:[-  ][^\n]*\n)*",
        changelog,
        re.MULTILINE | re.IGNORECASE,
    )
    if found is None or "\n## " in changelog[: found.start()]:
        msg = "It does not begin with an unreleased version that has a list `### Added`."
        raise ByHand(msg, line)
    return f"{changelog[: found.end()]}{line}\n{changelog[found.end() :]}"


def with_capabilities(text: str, *, tables: Iterable[str] = (), hooks: Iterable[str] = ()) -> str:
    """Add to the lists of `capabilities.toml`.

    Raises:

        ByHand: a list is not there, or is broken off by comments.
    """
    for key, more in (("tables", tables), ("hooks", hooks)):
        there = tomllib.loads(text).get(key, [])
        wanted = [*there, *(name for name in more if name not in there)]
        if wanted == there:
            continue
        found = re.search(rf"^{key} = \[[^\]#]*\]", text, re.MULTILINE)
        if found is None:
            msg = f"It has no list {key!r} that could be added to."
            raise ByHand(msg, f"{key} = {json.dumps(wanted)}")
        text = f"{text[: found.start()]}{key} = {_list(key, wanted)}{text[found.end() :]}"
    return text


def _list(key: str, members: list[str]) -> str:
    flat = json.dumps(members)
    if len(f"{key} = {flat}") <= 100:
        return flat
    return "[\n" + "".join(f"  {json.dumps(member)},\n" for member in members) + "]"
