"""Bronze: every module of the package can be imported where it is installed."""

from __future__ import annotations

import warnings
from collections.abc import AsyncIterator, Iterator
from importlib import import_module
from pathlib import Path

from crmcore.contract.rule import Shortfall, Tier, Unverified, rule
from crmcore.contract.subject import Subject
from crmcore.plugins.plugin import failure

__all__ = ["every_module_imports", "modules_of"]


@rule(Tier.BRONZE)
async def every_module_imports(subject: Subject) -> AsyncIterator[Shortfall]:
    """A module that is imported only when a command is called, or a route, fails in front of whoever calls it first.

    All modules of the package are imported, in an environment that has what the distribution requires. `__main__` and
    migrations are not.
    """
    if subject.package is None:
        msg = f"The module {subject.module} is not there; install the distribution again."
        raise Unverified(msg)
    for name in modules_of(subject):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                import_module(name)
        except ModuleNotFoundError as missing:
            known = f"Add what brings {missing.name!r} to the dependencies in pyproject.toml."
            own = (missing.name or "").split(".")[0] == subject.module.split(".", maxsplit=1)[0]
            yield Shortfall(f"{name} cannot be imported: {failure(missing)}.", "Correct the name." if own else known)
        except Exception as error:  # whatever a stranger's module raises
            yield Shortfall(f"{name} cannot be imported: {failure(error)}.", "Have modules declare, and do nothing.")


def modules_of(subject: Subject) -> list[str]:
    """Return the names of the package's modules, without importing any."""
    if subject.package is None:
        return []
    return sorted(_modules(subject.package, subject.module)) if subject.package.is_dir() else [subject.module]


def _modules(folder: Path, name: str) -> Iterator[str]:
    yield name
    for path in folder.iterdir():
        if path.suffix == ".py" and path.stem not in ("__init__", "__main__") and path.stem.isidentifier():
            yield f"{name}.{path.stem}"
        elif (path / "__init__.py").is_file() and not any(path.glob("*_[0-9][0-9][0-9][0-9]_*.py")):
            yield from _modules(path, f"{name}.{path.name}")
