"""The rules of purposes and notices, whatever the door."""

from __future__ import annotations

import re
from hashlib import sha256
from typing import Any

from crmcore import Change, Work
from crmcore_compliance.consent.codes import is_category, is_code
from crmcore_compliance.tables.purposes import ComplianceLawfulBasis, CompliancePiplBasis

__all__ = ["prepare_notice", "prepare_purpose"]

_LISTS = ("categories", "subjects", "recipients")
_DURATION = re.compile(r"P(?=.)(?:\d+Y)?(?:\d+M)?(?:\d+W)?(?:\d+D)?")


async def prepare_purpose(work: Work, change: Change) -> None:
    """A purpose says why it is lawful; one that people decided about stays."""
    if change.kind in ("delete", "destroy"):
        if await work.rows("select 1 from compliance_consent_event where purpose_id = $1 limit 1", change.id):
            change.refuse("id", "IN_USE", "People decided about this purpose; set its status to RETIRED.")
        return
    if change.kind not in ("create", "update"):
        return
    _check(change)
    change.values["needs_consent"] = (
        change.get("lawful_basis") == ComplianceLawfulBasis.CONSENT.name
        or change.get("pipl_basis") == CompliancePiplBasis.CONSENT.name
    )


async def prepare_notice(work: Work, change: Change) -> None:
    """A notice gets its hash and its number; it is never changed, since people agreed to it as it was."""
    if change.kind != "create":
        change.refuse("text", "NOTICE_STAYS", "A notice is never changed or taken away; publish another edition of it.")
        return
    there = await work.find("compliance_notice", code=change.get("code"), language=change.get("language"))
    change.values["edition"] = max((notice["edition"] for notice in there), default=0) + 1
    change.values["sha256"] = sha256((change.get("text") or "").encode(errors="surrogatepass")).hexdigest()
    if change.get("effective_from") is None:
        change.values["effective_from"] = work.now


def _check(change: Change) -> None:
    if not is_code(change.get("code") or ""):
        change.refuse(
            "code", "MALFORMED", "A code is lower case, as in marketing.newsletter, of 80 characters at most."
        )
    for column in _LISTS:
        if not _texts(change.get(column)):
            change.refuse(column, "NOT_A_LIST", f"{column} is a list of texts.")
    categories = change.get("categories")
    for category in categories if _texts(categories) else ():
        if not is_category(category):
            change.refuse(
                "categories", "UNKNOWN_CATEGORY", f"{category!r} is no category; write for example user.contact.email."
            )
    if not _are_transfers(change.get("transfers")):
        change.refuse("transfers", "MALFORMED", 'A transfer is {"country": "US", "mechanism": "standard clauses"}.')
    if (kept := change.get("retention")) is not None and not _DURATION.fullmatch(kept):
        change.refuse(
            "retention", "MALFORMED", "A retention is an ISO 8601 duration of whole days or longer, as in P3Y."
        )


def _texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _are_transfers(value: Any) -> bool:
    return isinstance(value, list) and all(
        isinstance(one, dict)
        and one.keys() >= {"country", "mechanism"}
        and all(isinstance(v, str) for v in one.values())
        for one in value
    )
