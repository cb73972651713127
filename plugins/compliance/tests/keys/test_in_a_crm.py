"""The keyring of a running CRM."""

from __future__ import annotations

import json
from base64 import b64decode, b64encode
from uuid import uuid4

import pytest
from crmcore_compliance.crypto import verify
from crmcore_compliance.keys import Keyring
from crmcore_compliance.keys.evidence import evidence
from crmcore_compliance.keys.jobs import rotate_keys
from crmcore_compliance.settings import ComplianceSettings
from crmcore_compliance.state import Compliance, compliance_of
from msgspec import to_builtins
from msgspec.structs import replace

from crmcore.errors import SetupError
from crmcore.testing import TestCrm


async def test_nothing_is_made_before_a_key_is_wanted(compliance: Compliance) -> None:
    """A CRM in which nothing is sealed has neither keystore nor keyring."""
    assert compliance.keyring.is_new
    assert not compliance.keyring.keystore.exists


async def test_the_crm_has_a_keyring(crm: TestCrm, compliance: Compliance) -> None:
    """Parts find the keyring by the CRM, and by its database."""
    key = await compliance.keyring.subject_key(uuid4())

    assert compliance_of(crm.database).keyring.cached(key.id) is key
    assert not compliance.keyring.is_new


async def test_a_stopped_crm_has_no_keyring(crm: TestCrm) -> None:
    """What belongs to a CRM that runs is gone with it."""
    await crm.stop()

    with pytest.raises(LookupError, match="not open"):
        compliance_of(crm)


RING = """{
  complianceKeyRing {
    tenant kms kmsState keysLeft erasures epochs { number state uses destroyAfter } signingKeys { publicKey until }
  }
}"""
INVENTORY = "{ complianceCryptoInventory { newKeys keys { use suite state epoch keys } fields { field } } }"
ROTATE = (
    "mutation { it: complianceRotateKeys { ... on ComplianceKeyRotation { epoch keys } ... on Problem { message } } }"
)


async def test_the_key_ring_shows_no_key(crm: TestCrm, compliance: Compliance) -> None:
    """Epochs, states and public keys are shown; of a keystore that is not there nothing is, and none is made."""
    empty = (await crm.execute(RING))["data"]["complianceKeyRing"]
    assert (empty["epochs"], empty["kmsState"]) == ([], "PENDING")
    assert not compliance.keyring.keystore.exists

    await compliance.keyring.begin()
    shown = (await crm.execute(RING))["data"]["complianceKeyRing"]

    assert shown["tenant"] == "test"
    assert shown["epochs"] == [{"number": 1, "state": "ACTIVE", "uses": "2", "destroyAfter": None}]
    assert len(shown["signingKeys"]) == 1


async def test_the_inventory_counts_keys(crm: TestCrm, compliance: Compliance) -> None:
    """Each use, suite and state is a line."""
    await compliance.keyring.subject_keys([uuid4(), uuid4(), None])

    shown = (await crm.execute(INVENTORY))["data"]["complianceCryptoInventory"]

    lines = [(line["use"], line["suite"], line["keys"]) for line in shown["keys"]]
    assert lines == [("index", "HMAC_SHA256", 1), ("subjects", "AES256_GCM", 2), ("tenant", "AES256_GCM_SIV", 1)]


async def test_keys_are_for_those_who_may(crm: TestCrm) -> None:
    """Without the permission compliance.keys nothing of it is shown or done."""
    for question in (RING, INVENTORY):
        answer = await crm.execute(question, as_="sales")
        assert "compliance.keys" in answer["errors"][0]["message"]
    answer = await crm.execute(ROTATE, as_="sales")
    assert "compliance.keys" in answer["data"]["it"]["message"]


async def test_a_job_rotates_the_keys(crm: TestCrm, compliance: Compliance) -> None:
    """Asked for twice it happens once, and every key is under the new epoch afterwards."""
    await compliance.keyring.subject_key(uuid4())
    for _ in range(2):
        answer = await crm.execute(ROTATE)
        assert answer["data"]["it"] == {"epoch": 1, "keys": 0}
    await crm.work_off()

    ring = (await crm.execute(RING))["data"]["complianceKeyRing"]
    assert [(epoch["number"], epoch["state"]) for epoch in ring["epochs"]] == [(1, "DEACTIVATED"), (2, "ACTIVE")]
    assert ring["keysLeft"] == 0


async def test_upkeep_rotates_each_month_and_destroys_a_month_later(crm: TestCrm, compliance: Compliance) -> None:
    """Nobody has to think of it."""
    key = await compliance.keyring.subject_key(uuid4())
    wire = key.seal(b"", b"Ada")
    for _ in range(2):
        crm.clock.move(days=31)
        await crm.work_off()

    states = [line.state for line in (await compliance.keyring.inventory()).epochs]
    again = await Keyring.open(compliance.settings)
    found = await again.key(key.id)
    await again.close()

    assert states == ["DESTROYED", "DEACTIVATED", "ACTIVE"]
    assert found is not None
    assert found.open(b"", wire) == b"Ada"


@pytest.mark.crm_settings(plugins={"compliance": {"kms": "file://keyring-of-nobody.json"}})
async def test_a_crm_without_passphrase_starts(crm: TestCrm) -> None:
    """Nothing is sealed, so no key is needed; the first one asks for the passphrase."""
    with pytest.raises(SetupError, match="CRM_COMPLIANCE_PASSPHRASE"):
        await compliance_of(crm).keyring.subject_key(None)


async def test_keys_beside_the_data_are_refused(crm: TestCrm) -> None:
    """A keystore in the database of the data would be restored with it."""
    settings = ComplianceSettings(keystore=crm.settings.database)
    twin = crm.like(replace(crm.settings, plugins={"compliance": to_builtins(settings)}))

    with pytest.raises(SetupError, match="Name another database"):
        await twin.start()


async def test_the_evidence_pack_has_the_inventory_and_public_keys(crm: TestCrm, compliance: Compliance) -> None:
    """What signatures are verified with goes along with them; no secret does."""
    signer = await compliance.keyring.signing_key()

    files = await evidence(crm)

    (public,) = json.loads(files["keys/public.json"])
    assert (public["id"], public["public"]) == (signer.key_id, b64encode(signer.public).decode())
    assert json.loads(files["keys/inventory.json"])["tenant"] == "test"


async def test_another_key_signs_after_a_rotation(compliance: Compliance) -> None:
    """What the former key signed is verified with its public half, which stays."""
    former = await compliance.keyring.signing_key()
    signature = former.sign(b"head")

    current = await compliance.keyring.rotate_signing_key()

    first, second = await compliance.keyring.public_keys()
    assert [first.id, second.id] == [former.key_id, current.key_id]
    assert first.until is not None
    assert second.until is None
    assert verify(b64decode(first.public), signature, b"head")
    assert not verify(b64decode(second.public), signature, b"head")


async def test_without_a_key_there_is_nothing_to_rotate(crm: TestCrm, compliance: Compliance) -> None:
    """The job makes neither keystore nor keyring."""
    await crm.put(rotate_keys(epoch=1))
    await crm.work_off()

    assert compliance.keyring.is_new
    assert not compliance.keyring.keystore.exists
