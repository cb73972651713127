"""The evidence pack: everything that shows an authority what is done, in one archive whose manifest is signed."""

from __future__ import annotations

import io
import json
import zipfile
from base64 import b64decode, b64encode
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import asdict
from functools import partial
from hashlib import sha256
from operator import itemgetter
from typing import Any, Final

from crmcore import Actor, Crm, Row, Work, clock
from crmcore_compliance.crypto.signing import verify
from crmcore_compliance.register.classified import classified
from crmcore_compliance.register.processing import record_of_processing
from crmcore_compliance.register.written import FORMATS
from crmcore_compliance.settings import ComplianceSettings
from crmcore_compliance.state import compliance_of

__all__ = ["evidence_pack", "verify_pack"]

Share = Callable[[Crm], Awaitable[Mapping[str, bytes]]]

_MANIFEST: Final = "manifest.json"
_SIGNATURE: Final = "manifest.sig.json"
#: Entities by the name of their file; they are read as the CRM reads them, so that sealed columns are opened.
_RECORDS: Final = {
    "purposes": ("compliance_purpose", ("code",)),
    "notices": ("compliance_notice", ("code", "language", "edition")),
    "trainings": ("compliance_training", ("completed_on", "id")),
    "reviews": ("compliance_review", ("held_on", "id")),
}
_COUNTS: Final = """
    select p.code, c.status, count(*) as people from compliance_consent c
    join compliance_purpose p on p.id = c.purpose_id where c.deleted_at is null group by p.code, c.status order by 1, 2
"""


async def evidence_pack(crm: Crm, shares: Iterable[Share] = ()) -> bytes:
    """Return the archive: what this part knows, what others add, and a manifest of hashes under our signature.

    Args:

        crm: the CRM.
        shares: other parts' files by name.

    Raises:

        ValueError: two shares have a file of one name.
    """
    files = await _own(crm)
    for share in shares:
        for name, content in (await share(crm)).items():
            if name in files or name in (_MANIFEST, _SIGNATURE):
                msg = f"Two shares of the evidence pack are called {name}; rename one."
                raise ValueError(msg)
            files[name] = content
    manifest = _written(
        {
            "tenant": crm.settings[ComplianceSettings].tenant,
            "made_at": clock.now().isoformat(),
            "files": {name: sha256(content).hexdigest() for name, content in sorted(files.items())},
        }
    )
    signer = await compliance_of(crm).keyring.signing_key()
    signature = {
        "algorithm": "Ed25519",
        "key_id": signer.key_id,
        "public_key": b64encode(signer.public).decode(),
        "signature": b64encode(signer.sign(manifest)).decode(),
    }
    return _zipped({**files, _MANIFEST: manifest, _SIGNATURE: _written(signature)})


def verify_pack(pack: bytes, public_key: bytes | None = None) -> list[str]:
    """Return what is wrong with an archive; empty if every file is as it was signed.

    Args:

        pack: the archive.
        public_key: whose signature it must be, 32 bytes; without one it only shows that the archive agrees with itself.
    """
    with zipfile.ZipFile(io.BytesIO(pack)) as archive:
        names = archive.namelist()
        if len(names) != len(set(names)):
            return ["A file is there twice."]
        files = {name: archive.read(name) for name in names}
    if _MANIFEST not in files or _SIGNATURE not in files:
        return ["The manifest or its signature is missing."]
    manifest, signed = files.pop(_MANIFEST), json.loads(files.pop(_SIGNATURE))
    public = b64decode(signed["public_key"])
    if public_key is not None and public != public_key:
        return ["Somebody else signed it."]
    if not verify(public, b64decode(signed["signature"]), manifest):
        return ["The signature is not one of this manifest."]
    listed = json.loads(manifest)["files"]
    wrong = [f"{name} is missing." for name in sorted(listed.keys() - files.keys())]
    wrong += [f"{name} is not in the manifest." for name in sorted(files.keys() - listed.keys())]
    there = sorted(listed.keys() & files.keys())
    return [*wrong, *(f"{name} was changed." for name in there if sha256(files[name]).hexdigest() != listed[name])]


async def _own(crm: Crm) -> dict[str, bytes]:
    record = await record_of_processing(crm)
    files = {f"processing.{name}": write(record).encode() for name, write in FORMATS.items()}
    files["fields.json"] = _written([asdict(one) for one in classified(crm.entities)])
    files["consent_counts.json"] = _written(await crm.database.fetch_dicts(_COUNTS))
    for name, (entity, order) in _RECORDS.items():
        rows = await crm.run(Actor.system("evidence"), partial(_records, entity=entity))
        files[f"{name}.json"] = _written(sorted(rows, key=itemgetter(*order)))
    return files


async def _records(work: Work, entity: str) -> list[Row]:
    return await work.find(entity)


def _written(value: Any) -> bytes:
    return (json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True, default=str) + "\n").encode()


def _zipped(files: Mapping[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in sorted(files.items()):
            # Always the same day, so that the same files make the same archive.
            archive.writestr(zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0)), content, zipfile.ZIP_DEFLATED)
    return out.getvalue()
