"""The record of processing as JSON, as a table for spreadsheets, and as a page to print."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Mapping
from html import escape
from typing import Any, Final

__all__ = ["FORMATS"]

#: A cell that begins with one of these is a formula to a spreadsheet.
_FORMULAS: Final = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS: Final = (
    "purpose", "name", "description", "lawful_basis", "pipl_basis", "reasons", "subjects", "categories", "special",
    "fields", "recipients", "transfers", "retention", "separate_consent", "assessment",
)  # fmt: skip
_HEADINGS: Final = {
    "name": "Purpose",
    "description": "What is done",
    "lawful_basis": "Lawful basis (GDPR 6)",
    "pipl_basis": "Lawful basis (PIPL 13)",
    "reasons": "Reasons",
    "subjects": "Whose data",
    "categories": "Categories of data",
    "special": "Sensitive among them",
    "fields": "Fields",
    "recipients": "Recipients",
    "transfers": "Transfers abroad",
    "retention": "Kept for",
    "assessment": "Impact assessment",
}


def _json(record: Mapping[str, Any]) -> str:
    return json.dumps(record, ensure_ascii=False, indent=2, sort_keys=True) + "\n"


def _csv(record: Mapping[str, Any]) -> str:
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(_COLUMNS)
    for activity in record["activities"]:
        writer.writerow([_harmless(_text(activity[name])) for name in _COLUMNS])
    return out.getvalue()


def _html(record: Mapping[str, Any]) -> str:
    controller = record["controller"]
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><title>Record of processing activities</title>",
        "<style>body{font:15px/1.5 sans-serif;max-width:60em;margin:2em auto}th{text-align:left;vertical-align:top;"
        "padding-right:1em;white-space:nowrap}td{overflow-wrap:anywhere}</style>",
        "<h1>Record of processing activities</h1><p>Article 30 GDPR; articles 55 and 56 PIPL.</p>",
        _table({"Controller": controller["name"], "Address": controller["address"], "Contact": controller["contact"],
                "Data protection officer": controller["data_protection_officer"]}),
    ]  # fmt: skip
    for activity in record["activities"]:
        shown = {heading: _text(activity[name]) for name, heading in _HEADINGS.items()}
        parts += [f"<h2>{escape(activity['purpose'])}</h2>", _table(shown)]
    parts += ["<h2>Security (article 32)</h2>", _table({k: _text(v) for k, v in record["security"].items()})]
    parts += [
        "<h2>Fields without a purpose</h2>",
        f"<p>{escape(_text(record['without_purpose'])) or 'None.'}</p></html>",
    ]
    return "\n".join(parts) + "\n"


def _table(rows: Mapping[str, str]) -> str:
    inner = "".join(
        f"<tr><th>{escape(name)}</th><td>{escape(value)}</td></tr>" for name, value in rows.items() if value
    )
    return f"<table>{inner}</table>"


def _text(value: Any) -> str:
    if value is None or value is False:
        return ""
    if isinstance(value, Mapping):
        return "; ".join(f"{name} ({one})" for name, one in value.items())
    if isinstance(value, list):
        return "; ".join(": ".join(one.values()) if isinstance(one, Mapping) else str(one) for one in value)
    return "yes" if value is True else str(value)


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULAS) else text


#: What writes a record, by the name of the format.
FORMATS: Final[Mapping[str, Callable[[Mapping[str, Any]], str]]] = {"json": _json, "csv": _csv, "html": _html}
