"""The modules that plugins may import: what their `__all__` names is kept as `docs/compatibility.md` promises."""

from __future__ import annotations

__all__ = ["PROMISED"]

#: Everything else of crmcore may change with any version.
PROMISED = (
    "crmcore",
    "crmcore.testing",
    "crmcore.errors",
    "crmcore.access.fields",
    "crmcore.access.tables",
    "crmcore.customers.events",
    "crmcore.customers.tables",
    "crmcore.interactions.events",
    "crmcore.interactions.tables",
    "crmcore.pipelines.events",
    "crmcore.pipelines.tables",
    "crmcore.database.arrays",
    "crmcore.database.migrations",
    "crmcore.entities.kinds",
    "crmcore.entities.sealing",
    "crmcore.events.cursor",
    "crmcore.events.feed",
    "crmcore.events.rewriting",
    "crmcore.search.keeping",
    "crmcore.cli",
)
