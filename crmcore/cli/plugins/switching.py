"""`crm plugin enable` and `crm plugin disable`: which installed plugins are loaded."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmcore.cli.failed import Failed
from crmcore.cli.plugins.asked import chosen, file_of, show_capabilities
from crmcore.cli.running import settings_options

if TYPE_CHECKING:
    from collections.abc import Collection, Sequence

    from crmcore.plugins.shelf import Shelved

__all__ = ["disable", "enable"]


@click.command("disable")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@settings_options
def disable(names: tuple[str, ...], database: str | None, config: Path | None) -> None:  # noqa: ARG001 - all commands take it
    """Have installed plugins not loaded, from the next start on.

    Their tables, waiting jobs and settings stay as they are. The names are added to disabled_plugins of the settings file.
    """
    from crmcore.plugins.shelf import shelf
    from crmcore.settings.editing import SettingsFile

    file = SettingsFile(file_of(config))
    found = shelf(file.disabled, [])
    meant = chosen(names, found)
    if stopped := [one for one in meant if _needing(one, found, {*file.disabled, *names})]:
        needing = {name for one in stopped for name in _needing(one, found, {*file.disabled, *names})}
        together = " ".join(dict.fromkeys([*names, *sorted(needing)]))
        _refuse(found, file.disabled, [*file.disabled, *names], f"crm plugin disable {together} disables all of them.")
    file.disable(one.name for one in meant)
    if file.save():
        click.echo(f"{_names(meant)} will not be loaded: {file.path} says so. Start servers and workers anew.")
    else:
        click.echo(f"{_names(meant)} {'are' if len(meant) > 1 else 'is'} disabled already.")


@click.command("enable")
@click.argument("names", nargs=-1, required=True, metavar="NAME...")
@click.option("--yes", is_flag=True, help="Do not ask.")
@settings_options
def enable(names: tuple[str, ...], yes: bool, database: str | None, config: Path | None) -> None:  # noqa: ARG001 - all commands take it
    """Have plugins loaded again, from the next start on.

    What they say they do is shown first. The names are taken out of disabled_plugins of the settings file.
    """
    from crmcore.plugins.shelf import shelf
    from crmcore.settings.editing import SettingsFile

    file = SettingsFile(file_of(config))
    found = shelf(file.disabled, [])
    meant = chosen(names, found)
    asleep = [one for one in meant if one.name in file.disabled]
    if not asleep:
        click.echo(f"{_names(meant)} {'are' if len(meant) > 1 else 'is'} enabled already.")
        return
    after = [name for name in file.disabled if name not in names]
    _refuse(found, file.disabled, after, "Nothing was changed.")
    for one in asleep:
        show_capabilities(one)
    if not yes:
        click.confirm("Plugins are not sandboxed: each can do what crm itself can. Enable?", abort=True)
    file.enable(one.name for one in asleep)
    file.save()
    click.echo(
        f"{_names(asleep)} will be loaded: {file.path} says so. Run crm migrate, then start servers and workers."
    )


def _needing(one: Shelved, found: Sequence[Shelved], disabled: Collection[str]) -> list[str]:
    there = {other.name for other in found}
    return [name for name in one.needed_by if name in there and name not in disabled]


def _refuse(found: Sequence[Shelved], now: Collection[str], then: Collection[str], way_out: str) -> None:
    """Refuse if something would be wrong that is not wrong now."""
    from crmcore.plugins.shelf import unmet

    before = unmet(found, now)
    if wrong := [problem for problem in unmet(found, then) if problem not in before]:
        raise Failed("\n".join([*wrong, way_out]))


def _names(plugins: Sequence[Shelved]) -> str:
    return " and ".join(one.name for one in plugins)
