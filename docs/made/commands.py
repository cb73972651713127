"""The page of commands, each as its `--help` says."""

from __future__ import annotations

from collections.abc import Iterator

import click

from crmcore.cli import main as crm_command
from crmcore.cli.group import COMMANDS
from made.note import MADE

__all__ = ["commands"]


def commands() -> str:
    """The page of commands, each as its `--help` says."""
    parts = ["# Commands\n", MADE]
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
            if command.invoke_without_command:
                yield (*path, name), command
            yield from _walk((*path, name), command, command.list_commands(context))
        else:
            yield (*path, name), command
