"""The same as a page for people: one file, without scripts, without anything from elsewhere."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from html import escape
from typing import Any

__all__ = ["page_of"]

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>What is held of you</title>
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src 'unsafe-inline'">
<style>
body { font: 16px/1.5 system-ui, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1rem; }
table { border-collapse: collapse; margin: 1rem 0; width: 100%; }
td { border-top: 1px solid #ccc; padding: .3rem .6rem; vertical-align: top; overflow-wrap: anywhere; }
td:first-child { width: 14rem; color: #555; }
</style></head><body>
"""


def page_of(package: Mapping[str, Any]) -> str:
    """Return a package as HTML."""
    return _HEAD + "\n".join(_body(package)) + "\n</body></html>\n"


def _body(package: Mapping[str, Any]) -> Iterator[str]:
    yield "<h1>What is held of you</h1>"
    yield f"<p>Request {escape(package['request'])}, made {escape(package['madeAt'])}.</p>"
    for section in package["sections"]:
        yield f"<h2>{escape(section['section'].replace('_', ' ').capitalize())} ({len(section['records'])})</h2>"
        yield f"<p>{escape(section['description'])}</p>"
        for record in section["records"]:
            cells = "".join(
                f"<tr><td>{escape(name)}</td><td>{_value(value)}</td></tr>" for name, value in record.items()
            )
            yield f"<table>{cells}</table>"


def _value(value: Any) -> str:
    return escape(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
