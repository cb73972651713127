"""The checks in the order in which one needs the other: settings, plugins, database, migrations, roles."""

from __future__ import annotations

import sys
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING

from crmcore._version import __version__
from crmcore.cli.health.database import examine_database
from crmcore.cli.health.finding import Finding, broken, fine, warning
from crmcore.errors import SetupError

if TYPE_CHECKING:
    from crmcore.app import Crm
    from crmcore.settings import Settings

__all__ = ["examine"]

_LIBRARIES = ("litestar", "piccolo", "strawberry-graphql", "graphql-core", "asyncpg", "uvicorn")


async def examine(settings: Settings) -> list[Finding]:
    """Look at everything; what cannot be looked at because of something before it is left out."""
    from crmcore.app import Crm

    findings = [_versions()]
    try:
        crm = Crm(settings)
        _ = crm.schema
    except SetupError as error:
        return [*findings, *(broken("start", problem) for problem in error.problems)]
    findings += [_settings(settings), _plugins(crm)]
    return findings + await examine_database(crm)


def _versions() -> Finding:
    python = ".".join(map(str, sys.version_info[:3]))
    libraries = ", ".join(f"{name} {version(name)}" for name in _LIBRARIES)
    return fine("versions", f"crmcore {__version__} on Python {python}; {libraries}.")


def _settings(settings: Settings) -> Finding:
    if settings.http.trusted_proxies == "*" and settings.host not in {"127.0.0.1", "::1", "localhost"}:
        message = (
            "http.trusted_proxies is *: whoever reaches the port can pretend any address. Name your proxy's address."
        )
        return warning("settings", message)
    if settings.origin.file is None or not Path(settings.origin.file).exists():
        return fine("settings", "Defaults and CRM_* variables; there is no crm.toml.")
    return fine("settings", f"Read from {settings.origin.file} and CRM_* variables.")


def _plugins(crm: Crm) -> Finding:
    loaded = [f"{plugin.name} {plugin.version}" for plugin in crm.plugins if not plugin.builtin]
    disabled = f"; disabled: {', '.join(crm.plugins.disabled)}" if crm.plugins.disabled else ""
    return fine("plugins", f"{', '.join(loaded) or 'Only the built-in ones'}{disabled}.")
