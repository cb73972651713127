"""The rules of the catalogue: titles by language, a tree of categories, one price at a time."""

from __future__ import annotations

import re
from uuid import UUID

from crmcore import Change, Work

__all__ = ["prepare_category", "prepare_price", "prepare_product"]

#: Language, script, region, variants, as in zh-Hans-CN (RFC 5646, without its registered oddities).
_TAG = re.compile(r"[a-z]{2,3}(-[A-Z][a-z]{3})?(-([A-Z]{2}|\d{3}))?(-[A-Za-z0-9]{4,8})*")
_LONGEST = 255


async def prepare_product(_: Work, change: Change) -> None:
    """Titles in other languages are texts by BCP 47 tag."""
    titles = change.values.get("titles")
    if titles is None:
        return
    if not isinstance(titles, dict):
        change.refuse("titles", "MALFORMED", 'titles is an object of texts by language: {"de": "Marmelade"}.')
        return
    for tag, title in titles.items():
        if not _TAG.fullmatch(tag):
            change.refuse(
                "titles", "MALFORMED", f"{tag[:40]!r} is not a BCP 47 tag; write for example de or zh-Hans-CN."
            )
        elif not isinstance(title, str) or not 0 < len(title.strip()) <= _LONGEST:
            change.refuse("titles", "MALFORMED", f"The title in {tag} must be a text of 1 to {_LONGEST} characters.")


async def prepare_category(work: Work, change: Change) -> None:
    """No category stands below itself."""
    above: UUID | None = change.values.get("parent_id")
    while above is not None:
        if above == change.id:
            change.refuse("parent_id", "CIRCLE", "A category cannot stand below itself; choose another parent.")
            return
        found = await work.find("order_category", id=above)
        above = found[0]["parent_id"] if found else None


async def prepare_price(work: Work, change: Change) -> None:
    """A price begins now unless said otherwise, and does not end before it begins."""
    if change.kind not in ("create", "update"):
        return
    if change.get("valid_from") is None:
        change.values["valid_from"] = work.now
    until = change.get("valid_until")
    if until is not None and until <= change.get("valid_from"):
        change.refuse("valid_until", "ENDS_BEFORE_IT_BEGINS", "validUntil must be later than validFrom.")
