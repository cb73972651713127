"""What a plugin says it does: read from its package's `capabilities.toml`, without importing any of the plugin."""

from __future__ import annotations

from collections.abc import Iterator
from importlib.metadata import EntryPoint
from importlib.util import find_spec
from pathlib import Path

import msgspec

__all__ = ["FILE", "Capabilities", "Unreadable", "capabilities_in", "capabilities_of", "folder_of"]

#: Name of the file beside the module that the entry point names, or in a folder above it in the package.
FILE = "capabilities.toml"

#: What taking part in a hook lets a plugin do, where that is more than to declare names.
_HOOKS = {
    "crm_actions": "adds mutations",
    "crm_background": "runs beside requests in every process",
    "crm_commands": "adds commands to crm",
    "crm_fields": "adds fields to records of others",
    "crm_graphql": "adds to the GraphQL schema",
    "crm_handlers": "is told of changes, and may refuse or follow them",
    "crm_jobs": "does work later, or again and again",
    "crm_narrowings": "keeps records of others back",
    "crm_purpose": "says what may be read for a purpose",
    "crm_routes": "answers HTTP requests of its own",
    "crm_sealing": "stores fields of others as ciphertext",
    "crm_startup": "runs code when the CRM starts",
    "crm_shutdown": "runs code when the CRM stops",
}


class Unreadable(ValueError):
    """A `capabilities.toml` is there and cannot be read; the message names the file and what is wrong in it."""


class Capabilities(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What a plugin does beyond computing. Declared, and verified by `crm plugin check`; no sandbox enforces it.

    Attributes:

        tables: names of the tables it makes.
        hooks: names of the hooks it implements (`crm_routes`).
        network: hosts it connects to: `api.example.com`, `*.example.com` for those below, or `setting:webhook_host`, where
            an operator names the host in that setting of the plugin.
        secrets: names of its settings that are secret.
        environment: variables of the environment it reads, besides those that are its settings: `HTTPS_PROXY`, or
            `setting:key`, where an operator names the variable in that setting of the plugin.
        reads: names of entities of others whose records it reads, where it says so.
    """

    tables: tuple[str, ...] = ()
    hooks: tuple[str, ...] = ()
    network: tuple[str, ...] = ()
    secrets: tuple[str, ...] = ()
    environment: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()

    def shown(self) -> list[str]:
        """Return what an operator should know before the plugin is enabled, one sentence each."""
        return list(self._sentences())

    def _sentences(self) -> Iterator[str]:
        yield f"It keeps the tables {_list(self.tables)}." if self.tables else "It keeps no tables."
        if self.reads:
            yield f"It reads records of {_list(self.reads)}."
        if does := [_HOOKS[hook] for hook in self.hooks if hook in _HOOKS]:
            yield f"It {_list(does, '; ')}."
        yield _network(self.network)
        if self.secrets:
            yield f"It is given secrets in the settings {_list(self.secrets)}."
        if self.environment:
            named = [_named(name, "the one named by its setting") for name in self.environment]
            yield f"It reads the environment variables {_list(named)}."


def capabilities_of(entry: EntryPoint) -> Capabilities | None:
    """Return what the plugin of an entry point declares; None when it declares nothing.

    Raises:

        Unreadable: the file cannot be read.
    """
    folder = folder_of(entry)
    return None if folder is None else capabilities_in(folder)


def capabilities_in(folder: Path) -> Capabilities | None:
    """Read the file of a folder; None when there is none.

    Raises:

        Unreadable: the file cannot be read.
    """
    path = folder / FILE
    try:
        return msgspec.toml.decode(path.read_bytes(), type=Capabilities)
    except FileNotFoundError:
        return None
    except (OSError, UnicodeDecodeError, msgspec.DecodeError) as wrong:
        msg = f"{path} cannot be read: {wrong}. It has lists of texts: {', '.join(Capabilities.__struct_fields__)}."
        raise Unreadable(msg) from wrong


def folder_of(entry: EntryPoint) -> Path | None:
    """Return the plugin's folder, found without importing it: the deepest that has a `capabilities.toml`, else its package's.

    None for a plugin that is a single module, or that is not there.
    """
    top, *parts = entry.module.split(".")
    try:
        spec = find_spec(top)  # imports nothing: only what stands before a dot would be
    except (ImportError, ValueError):
        return None
    places = [Path(place) for place in (spec and spec.submodule_search_locations) or ()]
    for depth in range(len(parts), -1, -1):
        for folder in (place.joinpath(*parts[:depth]) for place in places):
            if (folder / FILE).is_file():
                return folder
    packages = (place.joinpath(*parts) for place in places)
    return next((folder if folder.is_dir() else folder.parent for folder in packages if folder.parent.is_dir()), None)


def _network(hosts: tuple[str, ...]) -> str:
    if not hosts:
        return "It connects to nothing."
    return f"It connects to {_list([_named(host, 'the host of its setting') for host in hosts])}."


def _named(said: str, words: str) -> str:
    """Say what an operator names in a setting; what is named here stands as it is."""
    return f"{words} {said.removeprefix('setting:')}" if said.startswith("setting:") else said


def _list(words: tuple[str, ...] | list[str], joint: str = ", ") -> str:
    return joint.join(words)
