"""CRMs with compliance: keystore and keyring are each test's own, and a module says which fields are sealed."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from itertools import count
from pathlib import Path
from typing import Any

import msgspec
import pytest
from crmcore_compliance.keys import Keyring
from crmcore_compliance.settings import ComplianceSettings
from crmcore_compliance.state import Compliance, compliance_of
from pytest_asyncio import fixture as async_fixture

from crmcore import Settings
from crmcore.testing import TestCrm
from crmcore.testing.moulds import PostgresqlMould, SqliteMould  # public soon

#: The environment variable that seals the keyrings of tests; Argon2id would take a tenth of a second each time.
KEYRING_KEY = "TEST_KEYRING_KEY"
_numbers = count(1)


@pytest.fixture(autouse=True)
def keyring_key(monkeypatch: pytest.MonkeyPatch) -> None:
    """The key that seals keyring files."""
    monkeypatch.setenv(KEYRING_KEY, b64encode(bytes(range(32))).decode())


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """Which fields are sealed; a module overrides it: `("customer.familyName",)`."""
    return ()


@pytest.fixture
def compliance_settings() -> dict[str, Any]:
    """More settings of the plugin; a module or a class overrides it."""
    return {}


@pytest.fixture
def kms(tmp_path: Path) -> str:
    """The key service of a test: a keyring file of its own."""
    return f"file://{tmp_path}/keyring.json?key=env://{KEYRING_KEY}"


@pytest.fixture(autouse=True)
def _settings(
    request: pytest.FixtureRequest,
    tmp_path: Path,
    kms: str,
    sealed: tuple[str, ...],
    compliance_settings: dict[str, Any],
) -> None:
    """Put settings of the plugin into those of the fixture `crm`, whatever else a test says with the marker."""
    marker = request.node.get_closest_marker("crm_settings")
    given = dict(marker.kwargs) if marker else {}
    plugins = dict(given.pop("plugins", {}))
    own = {"tenant": "test", "kms": kms, "keystore": f"sqlite:///{tmp_path}/keystore.db", "sealed": list(sealed)}
    plugins["compliance"] = {**own, **compliance_settings, **plugins.get("compliance", {})}
    request.node.add_marker(pytest.mark.crm_settings(**given, plugins=plugins), append=False)


@pytest.fixture(scope="module")
def crm_model(
    sealed: tuple[str, ...], crm_plugins: Sequence[object], crm_installed: bool, _crm_models: dict[object, Any]
) -> TestCrm:
    """The model of the module's CRMs: which fields are sealed is part of what is put together."""
    key = (*map(id, crm_plugins), crm_installed, sealed)
    if key not in _crm_models:
        settings = msgspec.convert({"plugins": {"compliance": {"sealed": list(sealed)}}}, Settings)
        _crm_models[key] = TestCrm(settings, plugins=crm_plugins, installed=crm_installed), crm_plugins, {}
    model: TestCrm = _crm_models[key][0]
    return model


@pytest.fixture(scope="module")
def crm_mould(
    crm_plugins: Sequence[object],
    crm_installed: bool,
    _crm_models: dict[object, Any],
    tmp_path_factory: pytest.TempPathFactory,
    request: pytest.FixtureRequest,
) -> Callable[[str], Any]:
    """Databases have the same shape whatever is sealed, so all models share one mould."""
    key = (*map(id, crm_plugins), crm_installed, ())
    if key not in _crm_models:
        _crm_models[key] = TestCrm(Settings(), plugins=crm_plugins, installed=crm_installed), crm_plugins, {}
    model, _, made = _crm_models[key]

    def mould(dialect: str) -> Any:
        if dialect not in made:
            if dialect == "sqlite":
                made[dialect] = SqliteMould(model, tmp_path_factory.mktemp("crm"))
            else:
                made[dialect] = PostgresqlMould(model, request.getfixturevalue("crm_postgresql"))
        return made[dialect]

    return mould


@pytest.fixture
def compliance(crm: TestCrm) -> Compliance:
    """The plugin in the CRM of the test."""
    return compliance_of(crm)


@pytest.fixture
def keystore_url(crm_dialect: str, tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[str]:
    """A keystore that is not there yet, on either database."""
    if crm_dialect == "sqlite":
        yield f"sqlite:///{tmp_path}/keystore.db"
        return
    from crmcore.testing.moulds import _apart, _execute

    server, name = request.getfixturevalue("crm_postgresql"), f"keystore_{next(_numbers)}"
    _apart(_execute(server, f"create database {name}"))
    yield server.url(name)
    _apart(_execute(server, f"drop database {name} with (force)"))


@pytest.fixture
def key_settings(keystore_url: str, kms: str) -> ComplianceSettings:
    """Settings of a keyring of its own, without a CRM."""
    return ComplianceSettings(tenant="test", kms=kms, keystore=keystore_url)


@async_fixture
async def keyring(key_settings: ComplianceSettings) -> AsyncIterator[Keyring]:
    """A keyring of its own, without a CRM."""
    made = await Keyring.open(key_settings)
    yield made
    await made.close()
