"""What a client can see of a failure (refusals with a code) and what an operator can see (set-up errors).

A `Refusal` is an expected outcome: GraphQL turns it into a `Problem`, HTTP into a 4xx, the command line into one line.
A `SetupError` stops the start. Anything else is a bug and reaches a client only as an incident id.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from crmcore.entities.work import Work

__all__ = [
    "Code",
    "Conflict",
    "Contention",
    "Declined",
    "Duplicate",
    "Forbidden",
    "InUse",
    "Invalid",
    "KeyReused",
    "NotFound",
    "RateLimited",
    "Refusal",
    "SetupError",
    "StatementTimeout",
    "Unauthenticated",
    "Unavailable",
    "Unreadable",
    "Violation",
]


class Code(StrEnum):
    """Every code a `Problem` can carry; each has an anchor in `docs/errors.md`."""

    VALIDATION = "VALIDATION"
    NOT_FOUND = "NOT_FOUND"
    CONFLICT = "CONFLICT"
    DUPLICATE = "DUPLICATE"
    IN_USE = "IN_USE"
    DECLINED = "DECLINED"
    FORBIDDEN = "FORBIDDEN"
    UNAUTHENTICATED = "UNAUTHENTICATED"
    RATE_LIMITED = "RATE_LIMITED"
    IDEMPOTENCY_KEY_REUSED = "IDEMPOTENCY_KEY_REUSED"
    UNAVAILABLE = "UNAVAILABLE"


@dataclass(frozen=True, slots=True)
class Violation:
    """One thing that is wrong with the input.

    Attributes:

        path: where, in GraphQL names joined by dots (`data.amount.currency`, `data.0.name` in a batch).
        code: a word a program can test, upper case (`REQUIRED`, `TOO_LONG`, `UNKNOWN_STAGE`).
        message: a sentence for a person, with the way out.
    """

    path: str
    code: str
    message: str


class Refusal(Exception):
    """An expected outcome that is not success; nothing of the transaction it leaves was kept."""

    code: Code = Code.VALIDATION

    def __init__(self, message: str, violations: Sequence[Violation] = ()) -> None:
        super().__init__(message)
        self.message = message
        self.violations = tuple(violations)


class Invalid(Refusal):
    """The input breaks rules; `violations` lists all of them at once."""

    code = Code.VALIDATION

    @classmethod
    def of(cls, violations: Sequence[Violation]) -> Invalid:
        """Make one refusal whose message is readable without looking at the list."""
        more = f" (and {len(violations) - 1} more)" if len(violations) > 1 else ""
        return cls(f"{violations[0].message}{more}", violations)

    @classmethod
    def at(cls, path: str, code: str, message: str) -> Invalid:
        """Make a refusal with a single violation."""
        return cls(message, (Violation(path, code, message),))


class NotFound(Refusal):
    """There is no such record, or the actor may not know of it: the two are not told apart."""

    code = Code.NOT_FOUND


class Conflict(Refusal):
    """Somebody else changed the record since `expectedVersion` was read, or a concurrent write won."""

    code = Code.CONFLICT


class Duplicate(Refusal):
    """A unique key is taken by a live record."""

    code = Code.DUPLICATE


class InUse(Refusal):
    """The record cannot go while others need it."""

    code = Code.IN_USE


class Declined(Refusal):
    """Everything about the request is right, and what it asks for cannot be had as things stand; `violations` says why.

    Attributes:

        keep: records the refusal in a transaction of its own, after `Crm.run` has rolled back the one it left; False says
            that somebody else's outcome was recorded meanwhile, so the unit of work is run once more to find it.
    """

    code = Code.DECLINED

    def __init__(
        self,
        message: str,
        violations: Sequence[Violation] = (),
        *,
        keep: Callable[[Work], Awaitable[bool]] | None = None,
    ) -> None:
        super().__init__(message, violations)
        self.keep = keep


class Forbidden(Refusal):
    """The actor is known and lacks the permission."""

    code = Code.FORBIDDEN


class Unauthenticated(Refusal):
    """Nobody has signed in, or the token or session no longer counts."""

    code = Code.UNAUTHENTICATED


class RateLimited(Refusal):
    """Too many attempts; the message says when to come back."""

    code = Code.RATE_LIMITED


class KeyReused(Refusal):
    """An idempotency key came back with another input."""

    code = Code.IDEMPOTENCY_KEY_REUSED


class Unavailable(Refusal):
    """The database refused for a passing reason even after retries; the same call may succeed later."""

    code = Code.UNAVAILABLE


class Contention(Unavailable):
    """Somebody else was at the same rows; `Crm.run` and `Database.retrying` run the unit again."""


class StatementTimeout(Unavailable):
    """One statement took longer than the limit and was ended."""


class Unreadable(Exception):
    """A sealed value cannot be opened: it was altered or moved, or nobody has its key. Which of these, only the log says.

    It is no refusal: clients see an incident.
    """


class SetupError(Exception):
    """The operator has something to mend before this can run.

    Attributes:

        code: anchor in `docs/errors.md`, lower case with dashes.
        problems: one line each: who, what, why, the way out.
    """

    def __init__(self, code: str, problems: Sequence[str]) -> None:
        self.code = code
        self.problems = tuple(problems)
        super().__init__("\n".join(f"- {p}" for p in problems) if len(problems) > 1 else problems[0])
