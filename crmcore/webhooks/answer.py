"""What became of one request to somebody else's server."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["Answer"]


@dataclass(frozen=True, slots=True)
class Answer:
    """What became of a request.

    Attributes:

        seconds: how long it took.
        status: HTTP status, None if there was no answer.
        text: the beginning of the answer's body.
        retry_after: seconds after which the server wants to be asked again, if it said so.
        error: why the message was not taken, for people; None if it was.
    """

    seconds: float
    status: int | None = None
    text: str | None = None
    retry_after: float | None = None
    error: str | None = None
