"""What installed plugins say they do, told to an operator before they are let in; none of them is imported."""

from __future__ import annotations

from collections.abc import Iterable
from importlib.metadata import EntryPoint

from crmcore.plugins.capabilities import Unreadable, capabilities_of
from crmcore.plugins.discovery import announced

__all__ = ["introduced"]


def introduced(names: Iterable[str]) -> dict[str, tuple[str, ...]]:
    """Return a sentence for each thing a plugin says it does; of those among the names that distributions bring.

    One that says nothing is told of too.
    """
    wanted = set(names)
    return {one.name: _sentences(one.entry) for one in announced([]) if one.name in wanted}


def _sentences(entry: EntryPoint) -> tuple[str, ...]:
    try:
        said = capabilities_of(entry)
    except Unreadable as wrong:
        return (str(wrong),)
    return tuple(said.shown()) if said else ("It does not say what it does: it has no capabilities.toml.",)
