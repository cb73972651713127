"""Source trees for plugins that are single modules: the papers that every plugin should have, and nothing wrong with them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path
from types import ModuleType

from crmcore.contract.additions import additions
from crmcore.contract.rule import Unverified
from crmcore.contract.settings import settings_of
from crmcore.contract.subject import Subject
from crmcore.plugins.implementations import HOOKS

__all__ = ["describe", "overlaid", "tree"]

_PYPROJECT = """
[project]
name = "crmcore-{name}"
version = "0.1.0"
license = "Apache-2.0"
dependencies = ["crmcore>=0.1,<0.2"]
"""
_TEST = """
def about(crm):
    return crm.plugins
"""


def tree(module: ModuleType, folder: Path, test: str = "", tables: tuple[str, ...] = ()) -> Path:
    """Write the papers of a plugin, all but the README, and a test for it."""
    name = module.plugin_name
    hooks = [hook for hook in HOOKS if hasattr(module, hook)]
    _write(folder / "pyproject.toml", _PYPROJECT.format(name=name))
    _write(folder / "CHANGELOG.md", "# Changelog\n\n## 0.1.0\n\n- It is there.\n")
    _write(folder / "quality.toml", 'owner = "Ada Lovelace <ada@example.com>"\n')
    _write(folder / "capabilities.toml", f"tables = {json.dumps(tables)}\nhooks = {json.dumps(hooks)}\n")
    _write(folder / "tests" / f"test_{name}.py", test + _TEST)
    return folder


def describe(subject: Subject, folder: Path) -> None:
    """Write a README that names what a plugin adds."""
    try:
        names = [a.name for a in additions(subject) if a.owner in ("Query", "Mutation", "Subscription")]
        names += [entity.plural for entity in subject.crm.entities.values() if entity.plugin == subject.name]
        settings = [f"{setting} = 1" for setting in settings_of(subject)]
    except Unverified:
        names, settings = [], []
    block = "\n".join(["```toml", f"[plugins.{subject.name}]", *settings, "```"])
    text = f"# {subject.name}\n\n{', '.join(f'`{name}`' for name in names)}\n\n{block}\n\n`crm plugin uninstall {subject.name}` removes it.\n"
    _write(folder / "README.md", text)


def overlaid(source: Path, other: Path, folder: Path) -> Path:
    """Copy a source tree with some of its files exchanged."""
    shutil.copytree(source, folder, dirs_exist_ok=True)
    shutil.copytree(other, folder, dirs_exist_ok=True)
    return folder


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
