"""What names a plugin and its contributions may have: everything begins with the plugin's name, so that plugins cannot collide."""

from __future__ import annotations

import re

from crmcore.plugins.plugin import Plugin

__all__ = ["BUILT_IN", "RESERVED", "belongs", "example", "is_name"]

#: The parts of crmcore that are plugins themselves, in load order.
BUILT_IN = ("entities", "events", "jobs", "search", "access", "customers", "pipelines", "interactions", "webhooks")

#: Names no plugin can have, since something else goes by them: root fields, commands of `crm`, sections and first words of settings.
RESERVED = frozenset(
    {
        *("crm", "core", "crmcore", *BUILT_IN),
        *("query", "mutation", "subscription", "node", "nodes", "me", "explain"),
        *(
            "serve",
            "worker",
            "migrate",
            "user",
            "token",
            "role",
            "import",
            "export",
            "seed",
            "schema",
            "plugin",
            "init",
            "upgrade",
            "doctor",
        ),
        *("database", "replica", "pool", "statement", "host", "port", "time", "disabled", "plugins", "origin"),
        *("http", "log", "pages", "graphql", "config", "url", "feed", "pulse", "subscriptions", "idempotency"),
    }
)

_NAME = re.compile(r"[a-z][a-z0-9]*")


def is_name(name: str) -> bool:
    """Say whether a plugin may be called so: a lower-case word of letters and digits."""
    return _NAME.fullmatch(name) is not None


def belongs(plugin: Plugin, name: str, joint: str = "") -> bool:
    """Say whether a contribution's name begins with the plugin's.

    The plugin's name may drop a final s (`Task`, `task_item` of the plugin `tasks`). Built-in plugins are free.

    Args:

        plugin: who contributes.
        name: what it is called.
        joint: what stands between the plugin's name and the rest: `_`, `.`, or nothing for camel case.
    """
    if plugin.builtin:
        return True
    for stem in {plugin.name, plugin.name.removesuffix("s")}:
        rest = name[len(stem) :]
        if name[: len(stem)].lower() == stem and (
            not rest or (rest.startswith(joint) if joint else not rest[0].islower())
        ):
            return True
    return False


def example(plugin: Plugin, name: str, joint: str = "") -> str:
    """Return a name that would do instead: `score` becomes `analyticsScore`, or `analytics.score` with a joint."""
    if joint:
        return f"{plugin.name}{joint}{name}"
    if name[0].isupper():
        return plugin.name.capitalize() + name
    return plugin.name + name[0].upper() + name[1:]
