"""What several commands below `crm plugin` ask: the settings, the plugin that is meant, and what it says of itself."""

from __future__ import annotations

import os
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from crmcore.cli.failed import Failed

if TYPE_CHECKING:
    from crmcore.plugins.discovery import Announced
    from crmcore.plugins.shelf import Shelved
    from crmcore.settings import Settings

__all__ = ["chosen", "file_of", "settings_of", "show_capabilities", "tier_of"]


def settings_of(config: Path | None, database: str | None) -> Settings:
    """Read the settings; what is wrong with them is for commands that need more of them than the names of plugins."""
    from crmcore.settings import load_settings

    return load_settings(config, database=database)


def file_of(config: Path | None) -> Path:
    """Return the settings file that is to be changed.

    Raises:

        Failed: a variable counts above it, so a change would do nothing.
    """
    if (named := os.environ.get("CRM_DISABLED_PLUGINS")) is not None:
        msg = (
            f"The variable CRM_DISABLED_PLUGINS ({named!r}) counts above the settings file, so changing the file would do "
            "nothing; change the variable, or unset it and try again."
        )
        raise Failed(msg)
    return config or Path(os.environ.get("CRM_CONFIG") or "crm.toml")


def chosen(names: Iterable[str], found: Sequence[Shelved]) -> list[Shelved]:
    """Return the installed plugins of these names.

    Raises:

        Failed: a name is a part of crmcore, or of nothing that is installed.
    """
    from crmcore.plugins.names import BUILT_IN
    from crmcore.settings.reader import closest

    by_name = {one.name: one for one in found}
    for name in names:
        if name in BUILT_IN:
            msg = f"{name!r} is a part of crmcore; it is always there."
            raise Failed(msg)
        if name not in by_name:
            msg = f"No plugin {name!r} is installed; {closest(name, list(by_name))}"
            raise Failed(msg)
    return [by_name[name] for name in dict.fromkeys(names)]


def tier_of(one: Announced) -> str | None:
    """Return the tier that a plugin's quality.toml claims, where there is one; nothing verifies it here."""
    from crmcore.contract.claims import claims_in
    from crmcore.contract.places import source_of
    from crmcore.plugins.capabilities import folder_of

    for folder in (folder_of(one.entry), source_of(one.distribution, one.name)):
        if folder is not None and (tier := claims_in(folder).tier) is not None:
            return tier.name.lower()
    return None


def show_capabilities(one: Shelved) -> None:
    """Print what a plugin says it does."""
    from crmcore.plugins.capabilities import Unreadable, capabilities_of

    click.secho(str(one.announced), bold=True)
    try:
        said = capabilities_of(one.announced.entry)
    except Unreadable as wrong:
        click.secho(f"  {wrong}", fg="yellow")
        return
    if said is None:
        click.secho("  It does not say what it does: it has no capabilities.toml.", fg="yellow")
        return
    for sentence in said.shown():
        click.echo(f"  {sentence}")
