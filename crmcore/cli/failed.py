"""What a refusal or a set-up error becomes on the command line: a message and an exit code, never a traceback."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO, Any

import click

from crmcore.errors import Refusal, SetupError

__all__ = ["Failed", "NotSetUp", "failures_told"]


class Failed(click.ClickException):
    """Ends the command with a message on standard error and exit code 1: it was refused."""

    exit_code = 1

    def show(self, file: IO[Any] | None = None) -> None:
        """Print the message."""
        click.secho("Error: ", fg="red", bold=True, nl=False, err=True, file=file)
        click.echo(self.message, err=True, file=file)


class NotSetUp(Failed):
    """Ends the command with exit code 3: something is to be mended first. (2 is click's: called wrongly.)"""

    exit_code = 3


@contextmanager
def failures_told() -> Iterator[None]:
    """Turn refusals (exit code 1) and set-up errors (3) of the block into messages."""
    try:
        yield
    except Refusal as refusal:
        raise Failed(_refusal_text(refusal)) from None
    except SetupError as error:
        raise NotSetUp(_set_up_text(error)) from None


def _refusal_text(refusal: Refusal) -> str:
    more = [f"{v.path}: {v.message}" for v in refusal.violations]
    return "\n  - ".join([refusal.message, *more]) if len(more) > 1 else refusal.message


def _set_up_text(error: SetupError) -> str:
    if len(error.problems) == 1:
        return error.problems[0]
    return "\n  - ".join([f"{len(error.problems)} things are to be mended first.", *error.problems])
