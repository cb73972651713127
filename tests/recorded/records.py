"""What is recorded, each as the text that it is today."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

import msgspec

from crmcore import Settings
from crmcore.plugins.implementations import HOOKS
from crmcore.plugins.promised import PROMISED
from tests.recorded.describing import described, signature

__all__ = ["HERE", "RECORDS"]

HERE = Path(__file__).parent


def hooks() -> Iterator[str]:
    """Every hook with its parameters, in calling order."""
    for name, hook in HOOKS.items():
        yield f"{'async ' if inspect.iscoroutinefunction(hook) else ''}def {name}{signature(hook)}"


def public() -> Iterator[str]:
    """Every name that a plugin may import, and what the pytest plugin brings."""
    for module in PROMISED:
        made = import_module(module)
        for name in sorted(made.__all__):
            if name != "__version__":
                yield from described(f"{module}.{name}", getattr(made, name))
    fixtures = import_module("crmcore.testing.fixtures")
    for name, made in sorted(vars(fixtures).items()):
        if type(made).__name__ == "FixtureFunctionDefinition" and not name.startswith("_"):
            yield f"fixture {name}"


def settings() -> Iterator[str]:
    """Every setting with its default."""
    yield from _settings(Settings, "")


def _settings(struct: Any, path: str) -> Iterator[str]:
    for said in msgspec.structs.fields(struct):
        name = f"{path}{said.name}"
        default = said.default if said.default is not msgspec.NODEFAULT else said.default_factory
        if isinstance(default, type) and issubclass(default, msgspec.Struct):
            default = default()
        if said.name == "origin":
            continue
        if isinstance(default, msgspec.Struct):
            yield from _settings(type(default), f"{name}.")
        else:
            yield f"{name} = {default!r}" if not callable(default) else f"{name} = {default()!r}"


#: By the name of the file.
RECORDS: Mapping[str, Callable[[], Iterator[str]]] = {
    "hooks.txt": hooks,
    "public.txt": public,
    "settings.txt": settings,
}
