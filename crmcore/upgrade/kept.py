"""What a database keeps of a plugin, read without the plugin and without leaving a trace."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from crmcore.database.address import Address
from crmcore.database.ddl import quote
from crmcore.database.looking import Look, looking

__all__ = ["applied", "kept"]


async def kept(url: str, plugin: str, tables: Collection[str] | None) -> dict[str, Any] | str:
    """Return a plugin's applied migrations and the rows of its tables, or a sentence where there is no database.

    Args:

        url: of the database.
        plugin: the plugin's name.
        tables: the tables it says it has; None goes by their names.

    Raises:

        SetupError: the database cannot be read.
    """
    async with looking(url) as look:
        if look is None:
            return f"There is none yet at {Address.parse(url).shown}."
        there = await look.tables()
        mine = [name for name in sorted(there) if (_named(name, plugin) if tables is None else name in tables)]
        counts = {name: (await look.fetch(f"select count(*) from {quote(name)}"))[0][0] for name in mine}
        names = sorted(name for owner, name in await applied(look) if owner == plugin)
        return {"migrations": names, "tables": counts}


async def applied(look: Look) -> dict[tuple[str, str], str]:
    """Return the checksums of the applied migrations by plugin and name."""
    if "crm_migration" not in await look.tables():
        return {}
    rows = await look.fetch("select plugin, name, checksum from crm_migration")
    return {(plugin, name): checksum for plugin, name, checksum in rows}


def _named(table: str, plugin: str) -> bool:
    return any(table == stem or table.startswith(f"{stem}_") for stem in (plugin, plugin.removesuffix("s")))
