"""Fields that an installation defines at run time: that definitions make sense, and that values keep to them."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping
from datetime import date
from typing import Any

from crmcore.entities.change import Change
from crmcore.entities.work import Work
from crmcore.errors import Violation

__all__ = ["check_custom_fields", "prepare_custom_field_definition"]

_KEY = re.compile(r"[a-z][A-Za-z0-9_]*")
_LONGEST = 4000


def _is_date(value: Any) -> bool:
    try:
        return isinstance(value, str) and len(value) == 10 and bool(date.fromisoformat(value))
    except ValueError:
        return False


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)


_KINDS: Mapping[str, tuple[str, Callable[[Any, Mapping[str, Any]], bool]]] = {
    "TEXT": (f"a text of at most {_LONGEST} characters", lambda v, _: isinstance(v, str) and len(v) <= _LONGEST),
    "NUMBER": ("a number", lambda v, _: _is_number(v)),
    "BOOLEAN": ("true or false", lambda v, _: isinstance(v, bool)),
    "DATE": ("a date such as 2026-01-31", lambda v, _: _is_date(v)),
    "CHOICE": ("one of its choices", lambda v, definition: v in definition["choices"]),
}


async def check_custom_fields(work: Work, change: Change) -> None:
    """Check the custom fields of a record against their definitions; call it in the `prepare` of a `Customizable` entity.

    On update, keys that are absent keep their values, and null removes one.
    """
    if change.kind not in ("create", "update") or (change.kind == "update" and "custom_fields" not in change.given):
        return
    given = change.values.get("custom_fields") or {}
    if not given and change.kind == "create" and change.defined == []:
        change.values["custom_fields"] = None
        return
    if not isinstance(given, dict):
        change.refuse("custom_fields", "WRONG_TYPE", 'customFields must be an object, as in {"shoeSize": 42}.')
        return
    found = change.defined
    if found is None:
        found = [*await work.find("custom_field_definition", record_type=change.entity.name)]
    defined = {d["key"]: d for d in found}
    for key, value in given.items():
        _check_value(change, key, value, defined)
    kept = {} if change.values.get("custom_fields") is None else change.was("custom_fields") or {}
    result = {k: v for k, v in {**kept, **given}.items() if v is not None}
    for key, definition in defined.items():
        if definition["is_required"] and key not in result and (change.kind == "create" or key in given or not given):
            _refuse(change, key, "REQUIRED", f"{definition['label']} is required.")
    change.values["custom_fields"] = result or None


def _check_value(change: Change, key: str, value: Any, defined: Mapping[str, Mapping[str, Any]]) -> None:
    if key not in defined:
        known = ", ".join(sorted(defined)) or "none; define one with createCustomFieldDefinition"
        _refuse(
            change, key, "UNKNOWN_FIELD", f"{change.entity.type_name} has no custom field {key[:60]!r}; it has {known}."
        )
    elif value is not None:
        wanted, fits = _KINDS[defined[key]["kind"]]
        if not fits(value, defined[key]):
            choices = f" ({', '.join(defined[key]['choices'])})" if defined[key]["choices"] else ""
            _refuse(change, key, "WRONG_VALUE", f"{defined[key]['label']} must be {wanted}{choices}.")


def _refuse(change: Change, key: str, code: str, message: str) -> None:
    change.violations.append(Violation(f"customFields.{key[:60]}", code, message))


async def prepare_custom_field_definition(work: Work, change: Change) -> None:
    """Check that a definition names a place for its values, and has choices exactly if it is a choice."""
    if change.kind not in ("create", "update"):
        return
    entity, key = change.get("record_type"), change.get("key")
    customizable = sorted(name for name, found in work.entities.items() if "custom_fields" in found.columns)
    if entity is not None and entity not in customizable:
        change.refuse(
            "record_type", "UNKNOWN_VALUE", f"{entity!r} has no custom fields; these have: {', '.join(customizable)}."
        )
    if key is not None and not _KEY.fullmatch(key):
        change.refuse(
            "key",
            "MALFORMED",
            "A key has letters, digits and underscores, and begins with a small letter, as in shoeSize.",
        )
    _check_choices(change)


def _check_choices(change: Change) -> None:
    choices = change.get("choices")
    if change.get("kind") == "CHOICE":
        fine = isinstance(choices, list) and choices and all(isinstance(choice, str) and choice for choice in choices)
        if not fine or len(set(choices)) < len(choices):
            message = 'A CHOICE needs its choices: a list of different texts, as in ["S", "M", "L"].'
            change.refuse("choices", "REQUIRED", message)
    elif choices is not None:
        change.refuse("choices", "WRONG_KIND", "Only a CHOICE has choices; leave them out.")
