"""Keys on the command line."""

from __future__ import annotations

import asyncio
import json
from typing import Any
from uuid import uuid4

import pytest
from click.testing import CliRunner
from crmcore_compliance.keys import Keyring
from crmcore_compliance.state import compliance_of

from crmcore import ids
from crmcore.cli import main
from crmcore.testing import TestCrm


@pytest.fixture
def keys(crm: TestCrm, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Call `crm compliance keys …`; it gives the exit code and what was said."""
    settings = compliance_of(crm).settings
    for name in ("tenant", "kms", "keystore"):
        monkeypatch.setenv(f"CRM_COMPLIANCE_{name.upper()}", getattr(settings, name))
    monkeypatch.setenv("CRM_DATABASE", crm.settings.database)

    async def call(*words: str, **kwargs: Any) -> tuple[int, str]:
        run = CliRunner().invoke
        result = await asyncio.to_thread(run, main, ["compliance", "keys", *words], catch_exceptions=False, **kwargs)
        return result.exit_code, result.stdout

    return call


async def test_keys_from_the_first_to_the_last_command(crm: TestCrm, keys: Any) -> None:
    """Made, shown, rotated, destroyed: an operator needs nothing else."""
    assert "There are no keys yet" in (await keys("status"))[1]
    assert "was made" in (await keys("init"))[1]
    assert "is there already" in (await keys("init"))[1]

    keyring: Keyring = compliance_of(crm).keyring
    wire = (await keyring.subject_key(uuid4())).seal(b"", b"Ada")
    assert await keys("rotate") == (0, "Epoch 2 is active; 3 keys came over.\n")
    assert await keys("rewrap") == (0, "0 keys came over.\n")
    assert await keys("replace", "--all") == (
        0, "1 keys are replaced; `crm compliance reseal` seals what is under the former ones anew.\n"
    )  # fmt: skip
    assert (await keys("replace"))[0] == 2
    assert (await keys("replace", ids.encode("customer", uuid4())))[0] == 1
    assert await keys("rewrap", "--service") == (0, "2 epochs are wrapped with the key service's newest version.\n")
    assert (await keys("destroy-epoch", "1", input="n\n"))[0] == 1
    code, said = await keys("destroy-epoch", "1", "--yes")
    assert code == 0
    assert "Epoch 1 is destroyed." in said

    stock = json.loads((await keys("status", "--json"))[1])
    assert [epoch["state"] for epoch in stock["epochs"]] == ["DESTROYED", "ACTIVE"]
    assert "SIGNING" in (await keys("status"))[1].upper()
    again = await Keyring.open(compliance_of(crm).settings)
    key = await again.key(int.from_bytes(wire[1:5], "big"))
    await again.close()
    assert key is not None
    assert key.open(b"", wire) == b"Ada"
