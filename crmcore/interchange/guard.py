"""Keep spreadsheets from reading a text as a formula, in a way that can be undone.

A text that begins with `=`, `+`, `-`, `@`, tab or carriage return gets an apostrophe in front (OWASP, CSV Injection).
So does one that begins with an apostrophe: then every apostrophe in front is ours, and taking one away gives the text back.
"""

from __future__ import annotations

__all__ = ["guarded", "unguarded"]

_DANGEROUS = ("=", "+", "-", "@", "\t", "\r", "'")


def guarded(text: str) -> str:
    """Return the text as a spreadsheet may see it."""
    return f"'{text}" if text.startswith(_DANGEROUS) else text


def unguarded(text: str) -> str:
    """Return the text that was guarded."""
    return text.removeprefix("'")
