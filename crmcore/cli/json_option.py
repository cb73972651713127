"""Options whose value is a JSON object, given in place or in a file."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

__all__ = ["json_object"]


def json_object(option: str, given: str) -> dict[str, Any]:
    """Read the value of an option.

    Args:

        option: its name, for the message.
        given: JSON, or `@FILE`.

    Raises:

        click.UsageError: it is no JSON object, or the file cannot be read.
    """
    import msgspec

    try:
        text = Path(given[1:]).read_text("utf-8") if given.startswith("@") else given
        return msgspec.json.decode(text, type=dict[str, Any])
    except (msgspec.DecodeError, OSError, UnicodeDecodeError, RecursionError) as error:
        message = f"{option} cannot be read: {error}. Write a JSON object, or @FILE."
        raise click.UsageError(message) from None
