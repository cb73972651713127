"""What changed between two records of processing, in sentences that a reviewer reads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, Final

__all__ = ["differences"]

_PLAIN: Final = (
    "name", "description", "status", "lawful_basis", "pipl_basis", "reasons", "subjects", "recipients", "transfers",
    "retention", "separate_consent", "guardian_below", "assessment",
)  # fmt: skip


def differences(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """Return what is new, gone or otherwise in the record, in a fixed order; empty if nothing is."""
    return [*_activities(before, after), *_lists(before, after), *_security(before, after)]


def _activities(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old = {one["purpose"]: one for one in before["activities"]}
    new = {one["purpose"]: one for one in after["activities"]}
    for code in sorted(old.keys() | new.keys()):
        if code not in old:
            yield f"New purpose {code} ({new[code]['lawful_basis']}) with {', '.join(new[code]['categories']) or 'no data'}."
        elif code not in new:
            yield f"Purpose {code} is gone."
        else:
            yield from _activity(code, old[code], new[code])


def _activity(code: str, old: Mapping[str, Any], new: Mapping[str, Any]) -> Iterator[str]:
    for field in sorted(new["fields"].keys() - old["fields"].keys()):
        yield f"Adds {new['fields'][field]} ({field}) to purpose {code}."
    for field in sorted(old["fields"].keys() - new["fields"].keys()):
        yield f"Takes {old['fields'][field]} ({field}) from purpose {code}."
    for field in sorted(new["fields"].keys() & old["fields"].keys()):
        if old["fields"][field] != new["fields"][field]:
            yield f"{field} in purpose {code} is {new['fields'][field]} now, and was {old['fields'][field]}."
    for name in _PLAIN:
        if old.get(name) != new.get(name):
            yield f"{name} of purpose {code} is {new.get(name)!r} now, and was {old.get(name)!r}."


def _lists(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    for name, words in (
        ("without_purpose", "holds personal data for no purpose"),
        ("unclassified", "is not classified"),
    ):
        for field in sorted(set(after[name]) - set(before[name])):
            yield f"{field} {words}."


def _security(before: Mapping[str, Any], after: Mapping[str, Any]) -> Iterator[str]:
    old, new = before["security"], after["security"]
    for field in sorted(set(old["sealed_fields"]) - set(new["sealed_fields"])):
        yield f"{field} is not sealed any more."
    for field in sorted(set(new["sealed_fields"]) - set(old["sealed_fields"])):
        yield f"{field} is sealed now."
    for name in ("key_service", "storage_locations"):
        if old[name] != new[name]:
            yield f"{name} is {new[name]!r} now, and was {old[name]!r}."
    if before["controller"] != after["controller"]:
        yield "The controller's name, address, contact or data protection officer changed."
