"""Writes the pages of `docs/reference` that are made from the code: `python docs/build.py`."""

from __future__ import annotations

import inspect
import textwrap
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import click

from crmcore import Crm, Entity, Settings, fields, hookspecs
from crmcore.cli import main as crm_command
from crmcore.cli.group import COMMANDS
from crmcore.settings.reference import settings_reference

HERE = Path(__file__).parent / "reference"
_MADE = "This page is made from the code by `python docs/build.py`.\n"


def hooks() -> str:
    """The page of hooks, in calling order."""
    crm = Crm(Settings(), installed=False)
    parts = ["# Hooks\n", inspect.getdoc(hookspecs) or "", _MADE]
    for name, hook in vars(hookspecs).items():
        if name.startswith("crm_"):
            users = (
                ", ".join(f"`{p.name}`" for p in crm.plugins if hasattr(p.implementation, name)) or "`plugins/tasks`"
            )
            doc = inspect.getdoc(hook) or ""
            parts += [f"## `{name}{_parameters(hook)}`\n", _steps(doc), f"Used by: {users}.\n"]
    return "\n".join(parts)


def _parameters(hook: Callable[..., object]) -> str:
    return "(" + ", ".join(inspect.signature(hook).parameters) + ")"


def _steps(doc: str) -> str:
    lines = []
    for line in doc.splitlines():
        head = line.removesuffix(":")
        lines.append(
            f"*{head}*" if line in ("Returns:", "Args:") else textwrap.dedent(line) if line.startswith("    ") else line
        )
    return "\n".join(lines) + "\n"


def commands() -> str:
    """The page of commands, each as its `--help` says."""
    parts = ["# Commands\n", _MADE]
    for path, command in _walk((), crm_command, COMMANDS):
        context = click.Context(command, info_name=" ".join(("crm", *path)), max_content_width=100)
        parts.append(f"## `crm {' '.join(path)}`\n\n```text\n{command.get_help(context)}\n```\n")
    return "\n".join(parts)


def _walk(path: tuple[str, ...], group: click.Group, names: object) -> Iterator[tuple[tuple[str, ...], click.Command]]:
    context = click.Context(group)
    for name in names:  # type: ignore[attr-defined]
        command = group.get_command(context, name)
        assert command is not None
        if isinstance(command, click.Group):
            yield from _walk((*path, name), command, command.list_commands(context))
        else:
            yield (*path, name), command


def entities() -> str:
    """The page of the built-in entities and their fields."""
    crm = Crm(Settings(), installed=False)
    parts = [
        "# Entities\n",
        "The built-in entities. What a field is called here is what GraphQL, filters and mapping files call it; a mapping file "
        "writes it in snake case. Every record also has the fields of the first table.\n",
        _MADE,
        "| field | type | | |\n|---|---|---|---|",
        *(_row(f) for f in crm.entities.fields("tag").values() if f.name in _COMMON),
        "",
    ]
    for entity in crm.entities.values():
        parts += [_entity(entity, crm.entities.fields(entity.name))]
    return "\n".join(parts)


def _entity(entity: Entity, all_fields: Mapping[str, fields.Field]) -> str:
    rows = [_row(f) for f in all_fields.values() if f.name not in _COMMON]
    about = [f"## {entity.type_name}\n", f"{entity.description}\n"]
    keys = ", ".join(f"`{k.name}` ({', '.join(k.columns)})" for k in entity.keys)
    access = (
        f"guarded by `{entity.guarded_by}`" if entity.guarded_by else "by owner and team" if entity.owned else "shared"
    )
    about.append(f"List `{entity.plural}`; access {access}; keys for upsert: {keys or 'none'}.\n")
    return "\n".join([*about, "| field | type | | |\n|---|---|---|---|", *rows, ""])


_COMMON = frozenset({"id", "version", "createdAt", "updatedAt", "createdBy", "updatedBy", "deletedAt"})


def _row(field: fields.Field) -> str:
    return f"| `{field.name}` | {_type(field)} | {_notes(field)} | {field.description} |"


def _type(field: fields.Field) -> str:
    match field:
        case fields.Scalar(facts=facts) if facts.choices:
            return " ".join(f"`{name}`" for name in facts.choices.__members__)
        case fields.Scalar(facts=facts) if facts.registry:
            return f"text, registered in `{facts.registry}`"
        case fields.Scalar(kind=kind, target=target) if target:
            return f"{kind.name} of {target}"
        case fields.Scalar(kind=kind) | fields.Expression(kind=kind) | fields.Computed(kind=kind):
            return kind.name
        case fields.One(target=target):
            return f"a {target}"
        case fields.Many(target=target):
            return f"many {target}"
    return type(field).__name__.lower()


def _notes(field: fields.Field) -> str:
    facts = getattr(field, "facts", None)
    if facts is None:
        return ""
    notes = [{"create": "set on create only", "never": "kept by the server"}.get(facts.write.value, "")]
    if facts.write.value != "never" and not facts.null and facts.default is ... and field.name != "id":
        notes.append("required")
    if facts.personal:
        notes.append(f"personal: {facts.personal}")
    return ", ".join(filter(None, notes))


PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands,
    "entities.md": entities,
    "hooks.md": hooks,
    "settings.md": settings_reference,
}


if __name__ == "__main__":
    for name, page in PAGES.items():
        (HERE / name).write_text(page(), encoding="utf-8")
