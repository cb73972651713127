"""Twenty plugins that are installed and have nothing to do with a request: each adds a field, a permission and handlers."""

from __future__ import annotations

from pathlib import Path

__all__ = ["COUNT", "install"]

COUNT = 20

_PLUGIN = '''"""A plugin of the benchmark."""

from crmcore import Added, Permission, fields, hookimpl, inside, kinds
from crmcore.customers.events import CustomerCreated


async def note(work, event):
    """Look at each new customer."""


@hookimpl
def crm_fields():
    """Add a field to customers."""
    return [Added("customer", fields.Expression("{name}Length", "Length of the name.", kinds.INT, _length))]


def _length(alias, dialect):
    return f"length({{alias}}.display_name)"


@hookimpl
def crm_permissions():
    """Add a permission."""
    return [Permission("{name}.look", "Look at it.")]


@hookimpl
def crm_handlers():
    """Hear of new customers."""
    return [inside(CustomerCreated, note)]
'''


def install(folder: Path) -> None:
    """Write the plugins as installed distributions into a folder that goes onto `PYTHONPATH`."""
    for number in range(COUNT):
        name = f"bench{number}"
        package, distribution = folder / f"crmcore_{name}", folder / f"crmcore_{name}-1.0.dist-info"
        package.mkdir(parents=True, exist_ok=True)
        distribution.mkdir(exist_ok=True)
        (package / "__init__.py").write_text(_PLUGIN.format(name=name), "utf-8")
        (distribution / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: crmcore-{name}\nVersion: 1.0\nRequires-Dist: crmcore\n", "utf-8"
        )
        (distribution / "entry_points.txt").write_text(f"[crmcore.plugins]\n{name} = crmcore_{name}\n", "utf-8")
