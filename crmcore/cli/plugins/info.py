"""`crm plugin info`: all that can be said of an installed plugin without importing it."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from crmcore.cli.output import as_json_option, show_json
from crmcore.cli.plugins.asked import chosen, settings_of, show_capabilities, tier_of
from crmcore.cli.running import settings_options

if TYPE_CHECKING:
    from crmcore.plugins.capabilities import Capabilities
    from crmcore.plugins.shelf import Need, Shelved
    from crmcore.settings import Settings

__all__ = ["command"]


@click.command("info")
@click.argument("name")
@as_json_option
@settings_options
def command(name: str, as_json: bool, database: str | None, config: Path | None) -> None:
    """Say what a plugin is: what it does and needs, who needs it, and what it keeps.

    It is not imported, and the database is only read, so this works for plugins that are disabled or broken, too.
    """
    import asyncio

    from crmcore.plugins.shelf import shelf

    settings = settings_of(config, database)
    (one,) = chosen([name], shelf(settings.disabled_plugins, []))
    known = _known(one, settings)
    known["database"] = asyncio.run(_kept(one, settings))
    if as_json:
        show_json(known)
    else:
        _print(one, known)


def _known(one: Shelved, settings: Settings) -> dict[str, Any]:
    from crmcore.plugins.shelf import needs

    about = one.announced.distribution
    words = about.metadata.json
    said, unread = _capabilities(one)
    return {
        "name": one.name,
        "state": one.state.value,
        "problems": list(one.problems) + ([unread] if unread else []),
        "summary": words.get("summary"),
        "distribution": about.name,
        "version": about.version,
        "licence": words.get("license_expression") or words.get("license"),
        "tier": tier_of(one.announced),
        "links": dict(link.split(", ", 1) for link in about.metadata.get_all("Project-URL") or () if ", " in link),
        "needs": [_need(need) for need in needs(one.announced)],
        "neededBy": list(one.needed_by),
        "capabilities": said and {field: list(getattr(said, field)) for field in said.__struct_fields__},
        "settings": _set(one.name, settings),
    }


def _capabilities(one: Shelved) -> tuple[Capabilities | None, str | None]:
    from crmcore.plugins.capabilities import Unreadable, capabilities_of

    try:
        return capabilities_of(one.announced.entry), None
    except Unreadable as wrong:
        return None, str(wrong)


def _need(need: Need) -> dict[str, Any]:
    return {"requirement": need.text, "installed": need.there, "met": need.met}


def _set(name: str, settings: Settings) -> list[str]:
    """Return where settings of the plugin are set; their values are nobody's business here."""
    section = settings.plugins.get(name, {})
    file = [f"{settings.origin.file}: plugins.{name}.{key}" for key in section] if isinstance(section, dict) else []
    return [*file, *sorted(v for v in settings.origin.unclaimed if v.startswith(f"CRM_{name.upper()}_"))]


async def _kept(one: Shelved, settings: Settings) -> dict[str, Any] | str:
    from crmcore.errors import SetupError
    from crmcore.upgrade.kept import kept

    said, _ = _capabilities(one)
    try:
        return await kept(settings.database, one.name, None if said is None else said.tables)
    except SetupError as error:
        return " ".join(error.problems)


def _print(one: Shelved, known: dict[str, Any]) -> None:
    show_capabilities(one)
    for problem in known["problems"]:
        click.secho(f"  {problem}", fg="yellow")
    lines: list[tuple[str, str]] = [("What", known["summary"] or "-"), ("State", known["state"])]
    lines += [("Tier", f"{known['tier']}, as its quality.toml claims")] if known["tier"] else []
    lines += [("Licence", known["licence"])] if known["licence"] else []
    lines += [(label, url) for label, url in known["links"].items()]
    lines += [("Needs", _needed(need)) for need in known["needs"]]
    lines += [("Needed by", ", ".join(known["neededBy"]) or "no other plugin")]
    lines += [("Settings", ", ".join(known["settings"]) or "none are set")]
    lines += _stands(known["database"])
    click.echo()
    for label, text in lines:
        click.echo(f"{label + ':':<15} {text}")


def _needed(need: dict[str, Any]) -> str:
    there = f"{need['installed']} is installed" if need["installed"] else "not installed"
    return f"{need['requirement']} ({there}{'' if need['met'] else ', which does not fit'})"


def _stands(kept: dict[str, Any] | str) -> list[tuple[str, str]]:
    if isinstance(kept, str):
        return [("Database", kept)]
    tables = [("Table", f"{name}, {rows} rows") for name, rows in kept["tables"].items()]
    return [("Migrations", ", ".join(kept["migrations"]) or "none were applied"), *tables]
