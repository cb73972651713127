"""A migrated database of the built-in plugins, and nothing else of this machine."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from itertools import count
from pathlib import Path

import pytest

from crmcore.testing.moulds import Mould

_numbers = count(1)


@pytest.fixture(autouse=True)
def own_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Each test has an empty folder and the built-in plugins only."""
    monkeypatch.chdir(tmp_path)
    for name in ("CRM_CONFIG", "CRM_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv(
        "CRM_DISABLED_PLUGINS", ",".join(sorted({e.name for e in entry_points(group="crmcore.plugins")}))
    )


@pytest.fixture
def url(crm_mould: Callable[[str], Mould], crm_dialect: str) -> Iterator[str]:
    """The URL of a migrated database."""
    with crm_mould(crm_dialect).copy(f"upgrade_{next(_numbers)}") as url:
        yield url
