"""Bronze: the plugin imports from crmcore only what is promised to stay."""

from __future__ import annotations

import ast
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from pathlib import Path

from crmcore.contract.rule import Shortfall, Tier, Unverified, rule
from crmcore.contract.subject import Subject
from crmcore.plugins.promised import PROMISED

__all__ = ["imports_only_what_is_promised"]


@rule(Tier.BRONZE)
async def imports_only_what_is_promised(subject: Subject) -> AsyncIterator[Shortfall]:
    """What is private in crmcore moves in any version, so that a plugin that imports it breaks within the range it requires.

    `docs/compatibility.md` names the modules a plugin may import, and of each what its `__all__` has. All modules of the
    package are read, migrations too; imports that only type checkers see count as well.
    """
    if subject.package is None:
        msg = f"The module {subject.module} is not there; install the distribution again."
        raise Unverified(msg)
    package = subject.package
    for file in sorted(package.rglob("*.py")) if package.is_dir() else [package]:
        for line, name in _private(file):
            where = file.relative_to(package) if package.is_dir() else file.name
            fix = "Import it from crmcore, or do without; if nothing there will do, ask for it to be made public."
            yield Shortfall(f"{where}:{line} imports {name}, which is private to crmcore.", fix)


def _private(file: Path) -> Iterator[tuple[int, str]]:
    try:
        tree = ast.parse(file.read_text("utf-8"))
    except (SyntaxError, ValueError):
        return  # that is said by every-module-imports
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node.lineno, alias.name) for alias in node.names if not _promised(alias.name))
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            for alias in node.names:
                if not _promised(node.module, alias.name):
                    yield node.lineno, f"{node.module}.{alias.name}"


def _promised(module: str, name: str | None = None) -> bool:
    if module != "crmcore" and not module.startswith("crmcore."):
        return True
    if name is not None and f"{module}.{name}" in PROMISED:
        return True
    return module in PROMISED and (name is None or name in import_module(module).__all__)
