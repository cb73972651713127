"""The schema of this installation."""

from __future__ import annotations

from pathlib import Path

from crmcore.cli.running import load_quietly

__all__ = ["current_schema"]


def current_schema(*, core: bool, config: Path | None, database: str | None) -> str:
    """Return the schema's text; with `core` as if no plugin was installed."""
    # Heavy: Piccolo, Strawberry and the plugins.
    import msgspec

    from crmcore.app import Crm

    settings = load_quietly(config, database)
    if core:
        # What the settings say of plugins would be about plugins that are not there.
        origin = msgspec.structs.replace(settings.origin, unclaimed={})
        settings = msgspec.structs.replace(settings, disabled_plugins=(), plugins={}, origin=origin)
    return Crm(settings, installed=not core).schema.sdl
