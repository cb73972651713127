"""Making a package: gathered, written as files, signed, and sealed with the person's own key until it is handed out."""

from __future__ import annotations

import base64
import hashlib
import json
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from crmcore import Crm, clock, errors, ids
from crmcore_compliance.crypto.aad import joined
from crmcore_compliance.crypto.wire import key_id_of
from crmcore_compliance.keys.documents import canonical, signed
from crmcore_compliance.rights.outcome import At, Step, StepDone
from crmcore_compliance.rights.packing.gathering import gathered
from crmcore_compliance.rights.packing.page import page_of
from crmcore_compliance.rights.packing.schema import schema_of
from crmcore_compliance.settings import ComplianceSettings
from crmcore_compliance.state import compliance_of

__all__ = ["PACKING", "Files", "opened", "packed"]

#: Texts by file name.
Files = Mapping[str, str]

_KEEP = """
    insert into compliance_package (id, subject_id, content, manifest, made_at, expires_at)
    values ($1, $2, $3, $4, $5, $6)
    on conflict (id) do update set content = excluded.content, manifest = excluded.manifest,
        made_at = excluded.made_at, expires_at = excluded.expires_at
"""
_FIND = "select subject_id, content, manifest from compliance_package where id = $1 and expires_at > $2"


async def packed(crm: Crm, customer_id: UUID, request: Mapping[str, Any]) -> tuple[Files, dict[str, Any]]:
    """Return the files of a package and their signed manifest."""
    package = await gathered(crm, customer_id, request)
    files = {
        "data.json": json.dumps(package, ensure_ascii=False, indent=1),
        "schema.json": json.dumps(schema_of(crm, package), ensure_ascii=False, indent=1),
        "index.html": page_of(package),
    }
    listed = [
        {"name": name, "bytes": len(text.encode()), "sha256": hashlib.sha256(text.encode()).hexdigest()}
        for name, text in files.items()
    ]
    body = {
        "type": "crmcore-compliance/manifest/1",
        "request": package["request"],
        "madeAt": package["madeAt"],
        "files": listed,
    }
    return files, await signed(crm.database, body)


async def _pack(at: At) -> StepDone:
    crm, request = at.crm, at.request
    customer_id = request["customer_id"]
    if customer_id is None:
        raise errors.Invalid.at("id", "SUBJECT_ERASED", "The person was erased; nothing is held of them.")
    files, manifest = await packed(crm, customer_id, request)
    key = await compliance_of(crm).keyring.subject_key(customer_id)
    wire = key.seal(_bound(request["id"], customer_id), canonical(dict(files)))
    now = clock.now()
    expires = now + timedelta(days=crm.settings[ComplianceSettings].package_days)
    content = base64.b64encode(wire).decode()
    row = (request["id"], str(customer_id), content, json.dumps(manifest), now, expires)
    await crm.database.execute(_KEEP, *row)
    return StepDone(rows=len(files), result={"manifest": manifest})


async def opened(crm: Crm, request_id: UUID) -> tuple[Files, dict[str, Any]]:
    """Return the files of a package that was made for a request, and their manifest.

    Raises:

        NotFound: none was made, or it was removed since, or the person was erased.
    """
    msg = f"There is no package of {ids.encode('compliance_request', request_id)}; approve the request, or wait for the job."
    found = await crm.database.fetch(_FIND, request_id, clock.now())
    if not found:
        raise errors.NotFound(msg)
    subject, content, manifest = found[0]
    wire = base64.b64decode(content)
    key = await compliance_of(crm).keyring.key(key_id_of(wire))
    if key is None:
        raise errors.NotFound(msg)
    files: Files = json.loads(key.open(_bound(request_id, UUID(subject)), wire))
    return files, json.loads(manifest) if isinstance(manifest, str) else manifest


def _bound(request_id: UUID, customer_id: UUID) -> bytes:
    return joined(b"package", request_id.bytes, customer_id.bytes)


PACKING = (Step("package", outside=_pack),)
