"""The command line on a migrated database of its own."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from importlib.metadata import entry_points
from itertools import count
from pathlib import Path
from typing import Protocol

import pytest
from click.testing import CliRunner, Result

from crmcore.cli import main
from crmcore.testing.moulds import Mould

_numbers = count(1)


class Line(Protocol):
    """Calls `crm` with these words; `--database` is added unless `apart` is set."""

    def __call__(self, *words: str, typed: str | None = None, apart: bool = False) -> Result: ...


@pytest.fixture(autouse=True)
def own_place(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Each test has an empty folder, the built-in plugins only, and leaves the log of the tests as it was."""
    monkeypatch.chdir(tmp_path)
    for name in ("CRM_CONFIG", "CRM_DATABASE"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("CRM_DISABLED_PLUGINS", ",".join(e.name for e in entry_points(group="crmcore.plugins")))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield
    root.handlers[:], root.level = handlers, level


@pytest.fixture
def url(crm_mould: Callable[[str], Mould], crm_dialect: str) -> Iterator[str]:
    """The URL of a migrated database."""
    with crm_mould(crm_dialect).copy(f"cli_{next(_numbers)}") as url:
        yield url


@pytest.fixture
def crm_line(url: str) -> Line:
    """The command line on that database."""

    def call(*words: str, typed: str | None = None, apart: bool = False) -> Result:
        return run(*words, *([] if apart else ["--database", url]), typed=typed)

    return call


def run(*words: str, typed: str | None = None) -> Result:
    """Call `crm`; an exception that is no exit fails the test."""
    result = CliRunner().invoke(main, list(words), input=typed, prog_name="crm")
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def done(result: Result) -> str:
    """Return what a command that succeeded printed."""
    assert result.exit_code == 0, result.output
    return result.stdout
