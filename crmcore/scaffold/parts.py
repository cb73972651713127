"""What a plugin can be given besides entities: a folder of templates each, with a `part.toml` that says what it is."""

from __future__ import annotations

import tomllib
from pathlib import Path

import msgspec

from crmcore.scaffold.documents import with_capabilities, with_change, with_rows, with_setting
from crmcore.scaffold.hooks import Hook, with_hook
from crmcore.scaffold.imports import Import, with_imports
from crmcore.scaffold.source_tree import SourceTree
from crmcore.scaffold.templates import files, filled

__all__ = ["PARTS", "add_part", "declare"]

_FOLDER = Path(__file__).with_name("templates") / "parts"
#: What may follow `--with` besides `entity`, in the order in which it is added.
PARTS = ("settings", "fields", "channel", "action", "events", "job", "routes", "commands")


class _HookSays(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    name: str
    returns: str
    says: str
    elements: tuple[str, ...]
    imports: tuple[str, ...] = ()
    typing: tuple[str, ...] = ()
    before: str = ""
    listed: bool = True
    takes: str = ""


class _Part(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    change: str
    hooks: tuple[_HookSays, ...]
    rows: tuple[str, ...] = ()
    setting: tuple[str, ...] = ()


def add_part(tree: SourceTree, name: str, **more: str) -> None:
    """Add one of `PARTS`, or `seed`, to a plugin's files; `more` is what its templates say besides the plugin's names."""
    words = {**tree.words, **more}
    said = msgspec.convert(tomllib.loads(filled(f"parts/{name}/part.toml", words)), _Part)
    for path, text in files(f"parts/{name}", words):
        if path != "part.toml":
            tree.files.add(tree.placed(path), text)
    for hook in said.hooks:
        _say(tree, hook)
    document(tree, said.rows, said.change)
    if said.setting:
        tree.files.change("README.md", lambda t: with_setting(t, tree.plugin.name, said.setting), needed=False)


def _say(tree: SourceTree, said: _HookSays) -> None:
    hook = Hook(said.name, said.returns, said.says, said.elements, said.listed, said.before.strip(), said.takes)
    imports = [*map(Import.read, said.imports), *(Import.read(text, typing=True) for text in said.typing)]
    declare(tree, hook, imports)


def declare(tree: SourceTree, hook: Hook, imports: list[Import]) -> None:
    """Have a plugin's module implement a hook, and its capabilities say so."""
    needed = [Import("crmcore", "hookimpl"), *imports]
    tree.files.change(tree.module, lambda text: with_imports(with_hook(text, hook), needed, tree.import_name))
    path = f"{tree.package}/capabilities.toml"
    tree.files.change(path, lambda text: with_capabilities(text, hooks=[hook.name]), needed=False)


def document(tree: SourceTree, rows: tuple[str, ...], change: str) -> None:
    """Have README and changelog speak of something new."""
    tree.files.change("README.md", lambda text: with_rows(text, rows), needed=False)
    tree.files.change("CHANGELOG.md", lambda text: with_change(text, change), needed=False)
