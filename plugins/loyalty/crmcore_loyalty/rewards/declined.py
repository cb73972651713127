"""How what cannot be had is refused: with a word for programs, a sentence for people, and nothing kept of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from crmcore import Work, errors

__all__ = ["declined"]


def declined(
    path: str, code: str, message: str, *, keep: Callable[[Work], Awaitable[bool]] | None = None
) -> errors.Declined:
    """Make the refusal.

    Args:

        path: the argument that asks for it, in GraphQL spelling.
        code: upper case, as in OUT_OF_STOCK.
        message: with the way out.
        keep: see `errors.Declined`.
    """
    return errors.Declined(message, (errors.Violation(path, code, message),), keep=keep)
