"""The reference page of the settings, made from the structs; `python -m crmcore.settings.reference` prints it."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec
from msgspec.structs import FieldInfo, fields

from crmcore.plugins import load_plugins
from crmcore.plugins.contributed import settings_classes
from crmcore.settings.describe import attributes, summary
from crmcore.settings.structs import Settings

__all__ = ["settings_reference", "settings_table"]

_HEAD = """# Settings

Settings stand in `crm.toml` of the current directory, or in the file that `CRM_CONFIG` or `--config` names; a variable
counts above the file. A list in a variable is separated by commas. What is unknown or wrong stops the start, and all of
it is reported at once. This page is made from the code.
"""

_TAIL = """
## Other plugins

A plugin's settings stand below `[plugins.NAME]` and in the variables `CRM_NAME_<SETTING>`; its README lists them.
`CRM_DISABLED_PLUGINS=NAME` starts without it.
"""


def settings_reference() -> str:
    """Return the page `docs/reference/settings.md`, Markdown: the core's settings and those of built-in plugins."""
    sections = {f.name: f.type for f in fields(Settings) if _is_section(f) and f.name != "origin"}
    declared = settings_classes(load_plugins(Settings(), installed=False), [])
    sections |= {f"plugins.{name}": kind for name, kind in declared.items() if kind is not None}
    parts = [_HEAD, settings_table(Settings)]
    parts += [f"## `[{name}]`\n\n{summary(kind)}\n\n{settings_table(kind, name)}" for name, kind in sections.items()]
    return "\n".join(parts) + _TAIL


def settings_table(kind: type[msgspec.Struct], section: str = "") -> str:
    """Return a Markdown table of a struct's settings.

    Args:

        kind: the struct.
        section: where it stands in the file (`log`, `plugins.tasks`).
    """
    head = ["| setting | variable | type | default | meaning |", "|---|---|---|---|---|"]
    return "\n".join([*head, *_rows(kind, section), ""])


def _rows(kind: type[msgspec.Struct], section: str) -> Iterator[str]:
    said = attributes(kind)
    prefix = section.removeprefix("plugins.").replace(".", "_")
    for info in fields(kind):
        if _is_section(info) or info.name == "plugins":
            continue
        variable = "_".join(p for p in ("CRM", prefix, info.name) if p).upper()
        yield f"| `{info.name}` | `{variable}` | {_type(msgspec.json.schema(info.type))} | {_default(info)} | {said[info.name]} |"


def _is_section(info: FieldInfo) -> bool:
    return isinstance(info.type, type) and issubclass(info.type, msgspec.Struct)


def _default(info: FieldInfo) -> str:
    if info.required:
        return "none; must be set"
    value = info.default_factory() if info.default is msgspec.NODEFAULT else info.default
    return "not set" if value is None else f"`{_written(value)}`"


def _written(value: Any) -> str:
    return msgspec.json.encode(value).decode()


def _type(schema: dict[str, Any]) -> str:
    if "anyOf" in schema:
        return " or ".join(_type(s) for s in schema["anyOf"] if s.get("type") != "null")
    if "enum" in schema:
        return "one of " + ", ".join(f"`{_written(v)}`" for v in schema["enum"])
    if schema["type"] == "array":
        return f"list of {_type_word(schema['items'])}s"
    return _type_word(schema) + _bounds(schema)


def _type_word(schema: dict[str, Any]) -> str:
    words = {"string": "text", "integer": "integer", "number": "number", "boolean": "true or false", "object": "table"}
    return words[schema["type"]]


def _bounds(schema: dict[str, Any]) -> str:
    words = {"minimum": "at least", "exclusiveMinimum": "above", "maximum": "at most"}
    said = [f"{word} {re.sub(r'[.]0$', '', str(schema[key]))}" for key, word in words.items() if key in schema]
    return f", {', '.join(said)}" if said else ""


if __name__ == "__main__":
    print(settings_reference(), end="")  # noqa: T201
