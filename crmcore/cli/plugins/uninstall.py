"""`crm plugin uninstall`: a plugin goes, and what it has in the database stays, is copied, or goes too."""

from __future__ import annotations

import asyncio
import os
import shlex
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmcore.cli.failed import Failed
from crmcore.cli.plugins.asked import chosen, settings_of
from crmcore.cli.running import settings_options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from crmcore.plugins.shelf import Shelved
    from crmcore.settings.editing import SettingsFile

__all__ = ["command"]


@click.command("uninstall")
@click.argument("name")
@click.option(
    "--data",
    type=click.Choice(["keep", "export", "purge"]),
    required=True,
    help="What becomes of its tables: they stay; they are copied to files and stay; or they go, with all traces.",
)
@click.option(
    "--to",
    "folder",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the copies, NAME-data if left out; with --data purge copies are made only if it is given.",
)
@click.option("--yes", is_flag=True, help="Do not ask.")
@settings_options
def command(name: str, data: str, folder: Path | None, yes: bool, database: str | None, config: Path | None) -> None:
    """Uninstall a plugin, and keep, export or purge what it has in the database.

    What will be done is shown first. End servers and workers before; back up before a purge. If it is interrupted, run it
    again: it does what is left.
    """
    from crmcore.cli.plugins.data import Data
    from crmcore.plugins.shelf import shelf
    from crmcore.settings.editing import SettingsFile

    settings = settings_of(config, database)
    file = SettingsFile(config or Path(os.environ.get("CRM_CONFIG") or "crm.toml"))
    found = shelf(settings.disabled_plugins, [])
    if data == "export" and folder is None:
        folder = Path(f"{name}-data")
    kept_in = None if data == "purge" and folder is None else folder or file.path.parent
    if name not in {one.name for one in found} and (name in file.disabled or file.section(name) is not None):
        _forget(file, name, kept_in)
        return
    (one,) = chosen([name], found)
    _refuse_if_needed(one, found)
    _refuse_if_named_by_variable(name)
    work = Data(one.name, data == "purge", folder, settings)
    siblings = [o.name for o in found if o.announced.distribution.name == one.announced.distribution.name and o != one]

    def agreed(steps: list[str]) -> None:
        for step in (*steps, *_rest(one, siblings, file, kept_in)):
            click.echo(f"- {step}")
        if not yes:
            click.confirm("Do that?", abort=True)

    asyncio.run(work.done(agreed, click.echo))
    if siblings:
        file.disable([name])
        file.save()
        click.echo(f"{name} is disabled; {one.announced.distribution.name} stays.")
        return
    _uninstall(one)
    _forget(file, name, kept_in)


def _refuse_if_needed(one: Shelved, found: Sequence[Shelved]) -> None:
    if one.needed_by:
        needing = ", ".join(str(other.announced) for other in found if other.name in one.needed_by)
        msg = f"{one.announced} is required by {needing}; uninstall {' and '.join(one.needed_by)} first."
        raise Failed(msg)


def _refuse_if_named_by_variable(name: str) -> None:
    if name in os.environ.get("CRM_DISABLED_PLUGINS", "").replace(" ", "").split(","):
        msg = f"The variable CRM_DISABLED_PLUGINS names {name!r}, which no start would forgive afterwards; take it out first."
        raise Failed(msg)


def _rest(one: Shelved, siblings: Sequence[str], file: SettingsFile, kept_in: Path | None) -> list[str]:
    dist = one.announced.distribution
    if siblings:
        return [
            f"disable {one.name} in {file.path}; {dist.name} stays installed, since it brings {', '.join(siblings)} too"
        ]
    steps = [f"run {shlex.join(_line(one))}"]
    if file.section(one.name) is not None:
        moved = f"moved to {_saved(one.name, kept_in)}" if kept_in else "removed"
        steps.append(f"[plugins.{one.name}] of {file.path} is {moved}")
    variables = sorted(v for v in os.environ if v.startswith(f"CRM_{one.name.upper()}_"))
    return [*steps, *(f"left to you: unset the variable {v}, which no plugin would know" for v in variables)]


def _line(one: Shelved) -> list[str]:
    return [sys.executable, "-m", "pip", "uninstall", "-y", one.announced.distribution.name]


def _uninstall(one: Shelved) -> None:
    dist = one.announced.distribution
    name, version = dist.name, dist.version  # nobody can say afterwards
    done = subprocess.run(_line(one), capture_output=True, text=True, check=False)  # noqa: S603 - names of what is installed
    if done.returncode:
        msg = (
            f"pip did not uninstall {name}: {done.stderr.strip() or done.stdout.strip()}\n"
            "Uninstall it by the tool that installed it, then run this command again: it cleans the settings."
        )
        raise Failed(msg)
    click.echo(f"Uninstalled {name} {version}.")


def _saved(name: str, folder: Path) -> Path:
    return folder / f"{name}.settings.toml"


def _forget(file: SettingsFile, name: str, folder: Path | None) -> None:
    section = file.section(name)
    if section is not None and folder is not None:
        path = _saved(name, folder)
        folder.mkdir(parents=True, exist_ok=True)
        path.touch(mode=0o600)  # there may be secrets in it
        path.write_text(section, "utf-8")
    file.enable([name])
    file.remove_section(name)
    if file.save():
        click.echo(f"{file.path} does not name {name} any more.")
