"""The evidence pack holds what it says, under a signature that breaks when anything of it is changed."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping

import pytest
from crmcore_compliance.register.evidence import evidence_pack, verify_pack
from crmcore_compliance.state import compliance_of
from people import decide, made_purpose

from crmcore import Crm
from crmcore.testing import TestCrm


async def share(_: Crm) -> Mapping[str, bytes]:
    """What another part adds."""
    return {"heads.json": b"[]"}


@pytest.fixture
async def pack(crm: TestCrm) -> bytes:
    """The pack of a CRM in which somebody was trained, something was reviewed, and somebody agreed."""
    ada = await crm.make("customer", kind="PERSON", family_name="Zuckmayer")
    await decide(crm, ada, await made_purpose(crm, "mail", needs="CONSENT"), "GIVEN")
    user = await crm.make("user")
    await crm.make("compliance_training", user=user, course="Who may see what", completed_on=crm.clock.now().date())
    await crm.make(
        "compliance_review", kind="RESTORE_TEST", title="Spring", reviewer="Bob", held_on=crm.clock.now().date()
    )
    return await evidence_pack(crm, [share])


def opened(pack: bytes) -> dict[str, bytes]:
    """Return the files of a pack."""
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(files: Mapping[str, bytes]) -> bytes:
    """Return files as a pack."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return out.getvalue()


async def test_it_holds_what_an_authority_asks_for(pack: bytes) -> None:
    """Record of processing, fields, purposes, notices, training, reviews, numbers of consents, other parts' shares."""
    files = opened(pack)

    assert {
        "processing.html",
        "fields.json",
        "purposes.json",
        "notices.json",
        "heads.json",
        "manifest.json",
    } <= files.keys()
    assert [{"code": "mail", "status": "GIVEN", "people": 1}] == json.loads(files["consent_counts.json"])
    assert ["Spring"] == [row["title"] for row in json.loads(files["reviews.json"])]
    assert not any(b"Zuckmayer" in content for content in files.values())


async def test_it_is_as_it_was_signed(crm: TestCrm, pack: bytes) -> None:
    """By our key; another key's owner did not sign it."""
    signer = await compliance_of(crm).keyring.signing_key()

    assert [] == verify_pack(pack, signer.public)
    assert ["Somebody else signed it."] == verify_pack(pack, bytes(32))


async def test_nothing_can_be_changed_added_or_taken_away(pack: bytes) -> None:
    """Each file by itself, and the manifest with them."""
    files = opened(pack)
    for name in files:
        assert verify_pack(packed({**files, name: files[name] + b" "})) or name == "manifest.sig.json", name
        assert verify_pack(packed({n: c for n, c in files.items() if n != name})), name
    assert ["more.json is not in the manifest."] == verify_pack(packed({**files, "more.json": b"{}"}))


async def test_two_files_of_one_name_are_refused(crm: TestCrm) -> None:
    """Nothing is left out unnoticed."""
    with pytest.raises(ValueError, match="called heads"):
        await evidence_pack(crm, [share, share])
