"""How much demonstration data: a number of customers, or a word for one."""

from __future__ import annotations

from typing import Any

import click

__all__ = ["SIZE", "SIZES"]

_WORDS = {"small": 200, "medium": 2_000, "large": 10_000}

#: For help.
SIZES = ", ".join(f"{word} ({number})" for word, number in _WORDS.items()) + ", or a number"


class _Size(click.ParamType[int]):
    name = "size"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).replace("_", "")
        if text in _WORDS:
            return _WORDS[text]
        if text.isdecimal() and 1 <= int(text[:9]) <= 10_000_000:
            return int(text)
        return self.fail(f"{value!r} is no size; give {SIZES}.", param, ctx)


SIZE = _Size()
