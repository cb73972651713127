"""Plugins to apply rules to, and the places where they are tried."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import Any, Protocol

import pytest

from crmcore import Settings
from crmcore.contract.found import Found
from crmcore.contract.grounds import Grounds
from crmcore.contract.models import Models
from crmcore.contract.rule import Rule
from crmcore.contract.run import Outcome, apply
from crmcore.contract.subject import Subject
from crmcore.plugins.plugin import Plugin
from crmcore.testing import TestCrm
from tests.contract import plots
from tests.plugins.conftest import made, site

__all__ = ["made", "site"]

# The tests of a plugin that is looked at.
collect_ignore = ["plots"]


@pytest.fixture(scope="session")
def bare() -> TestCrm:
    """crmcore itself; it never runs."""
    return TestCrm(Settings(), installed=False)


@pytest.fixture(scope="session")
def grounds() -> Iterator[Grounds]:
    """The databases of all these tests."""
    with Grounds() as grounds:
        yield grounds


class Take(Protocol):
    """Makes a subject of a module."""

    def __call__(self, plugin: ModuleType | None = None, *, schema: bool = False, **more: Any) -> Subject: ...


@pytest.fixture(scope="session")
def plots_models(bare: TestCrm) -> Models:
    """The CRMs of the plugin plots, made once."""
    return Models.given(plots, [plots], installed=False, bare=bare)


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """A copy of the source tree of the plugin plots, to be spoiled."""
    return Path(shutil.copytree(Path(plots.__file__).parent, tmp_path / "plots"))


class Plotted(Protocol):
    """Makes a subject of the plugin plots whose source tree is another."""

    def __call__(self, source: Path | None = None, **more: Any) -> Subject: ...


@pytest.fixture
def plotted(plots_models: Models, grounds: Grounds) -> Plotted:
    """Makes subjects of the plugin plots, on SQLite; only what is written about it differs."""

    def plotted(source: Path | None = None, **more: Any) -> Subject:
        more.setdefault("module", "tests.contract.plots")
        found = Found("plots", lambda: Plugin("plots", plots), source=source, **more)
        return Subject(found, plots_models, grounds, dialects=("sqlite",))

    return plotted


@pytest.fixture
def take(bare: TestCrm, grounds: Grounds, crm_postgresql_lent: None) -> Take:
    """Makes subjects that are tried on SQLite unless `dialects` says otherwise.

    A schema takes most of a second; those that do not ask for one have crmcore's.
    """

    def take(plugin: ModuleType | None = None, *, schema: bool = False, **more: Any) -> Subject:
        module = plugin or made()
        name = str(module.plugin_name)
        more.setdefault("dialects", ("sqlite",))

        def crm() -> TestCrm:
            crm = TestCrm(Settings(), plugins=[module], installed=False)
            if not schema:
                crm.__dict__["schema"] = bare.schema
            return crm

        found = Found(name, lambda: Plugin(name, module))
        return Subject(found, Models(lambda: bare, crm, crm), grounds, **more)

    return take


@pytest.fixture
def crm_postgresql_lent(grounds: Grounds, request: pytest.FixtureRequest) -> None:
    """PostgreSQL is the server of all tests, started when the first needs it."""
    grounds.lend(lambda: request.getfixturevalue("crm_postgresql"))


async def said(rule: Rule, subject: Subject) -> list[str]:
    """Return what a rule says of a plugin."""
    outcome: Outcome = await apply(rule, subject)
    return [*(shortfall.what for shortfall in outcome.shortfalls), *([outcome.note] if outcome.note else [])]
