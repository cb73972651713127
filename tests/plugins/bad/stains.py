"""A plugin whose migration cannot be washed out: the way down forgets what the way up has made."""

from __future__ import annotations

from pathlib import Path

from crmcore import hookimpl

plugin_name = "stains"


@hookimpl
def crm_migrations() -> Path:
    return Path(__file__).parent / "migrations" / "stains"
