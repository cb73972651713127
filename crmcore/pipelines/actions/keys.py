"""Names for scripts and mappings, made from names for people where nobody gives one."""

from __future__ import annotations

import re
import unicodedata

from crmcore.entities.change import Change

__all__ = ["fill_key", "keep"]

_KEY = re.compile(r"[\w-]{1,64}")


def fill_key(change: Change) -> None:
    """Complete a new record's key from its name, and check one that was given."""
    if change.kind != "create":
        return
    key, name = change.get("key"), change.get("name")
    if key:
        if not _KEY.fullmatch(key):
            change.refuse(
                "key", "MALFORMED", f"{key!r} is not a key; use letters, digits, - and _, as in new-business."
            )
    elif name:
        folded = unicodedata.normalize("NFKC", name).casefold()
        change.values["key"] = re.sub(r"[^\w]+", "-", folded).strip("-")[:64] or str(change.id)


def keep(change: Change, *columns: str) -> None:
    """Note a violation for each column that a trusted actor would change though it never may after create."""
    for column in columns:
        if change.kind == "update" and change.changed(column):
            change.refuse(column, "READ_ONLY", "This never changes after create; make a new one.")
