"""Who uses which hook: found in the source, so that plugins need not be installed."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from textwrap import dedent

__all__ = ["ROOT", "Use", "uses_of"]

ROOT = Path(__file__).parents[2]

#: Where plugins are, those first that a third party could have written.
_PLACES = (
    ("example", "examples/*/src/**/*.py"),
    ("plugin", "plugins/*/crmcore_*/**/*.py"),
    ("built-in", "crmcore/*/plugin.py"),
    ("smallest", "tests/plugins/with_*.py"),
)


@dataclass(frozen=True)
class Use:
    """One implementation of a hook.

    Attributes:

        hook: its name.
        kind: `example`, `plugin`, `built-in`, or `smallest` for a plugin that does nothing else.
        path: of the module, relative to the repository.
        text: the function with its decorators.
    """

    hook: str
    kind: str
    path: str
    text: str

    @property
    def plugin(self) -> str:
        """What people call the plugin."""
        if self.kind == "smallest":
            return Path(self.path).stem
        parts = Path(self.path).parts
        return next((part.removeprefix("crmcore_") for part in parts if part.startswith("crmcore_")), parts[1])


def uses_of(hook: str) -> list[Use]:
    """Return all implementations of a hook, in a fixed order."""
    return [use for use in _ALL if use.hook == hook]


def _found() -> Iterator[Use]:
    for kind, pattern in _PLACES:
        for path in sorted(ROOT.glob(pattern)):
            text = path.read_text("utf-8")
            for node in ast.walk(ast.parse(text)):
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and _is_hook(node):
                    yield Use(node.name, kind, path.relative_to(ROOT).as_posix(), _whole(text, node))


def _is_hook(node: ast.FunctionDef | ast.AsyncFunctionDef) -> bool:
    return node.name.startswith("crm_") and any("hookimpl" in ast.unparse(d) for d in node.decorator_list)


def _whole(text: str, node: ast.FunctionDef | ast.AsyncFunctionDef) -> str:
    first = min(decorator.lineno for decorator in node.decorator_list)
    return dedent("\n".join(text.splitlines()[first - 1 : node.end_lineno]))


_ALL = tuple(_found())
