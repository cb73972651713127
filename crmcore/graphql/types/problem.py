"""A refusal as clients get it: data beside the success, with a code a program can test."""

from __future__ import annotations

from enum import Enum
from typing import Any

import strawberry
from graphql import GraphQLError

from crmcore.errors import Refusal
from crmcore.graphql.types.enums import as_enum

__all__ = ["Problem", "ProblemCode", "Problems", "Violation", "as_error", "as_problem"]


@as_enum
class ProblemCode(Enum):
    """Why something was refused; each code has its paragraph in docs/errors.md."""

    VALIDATION = "The input breaks rules; `violations` lists all of them."
    NOT_FOUND = "There is no such record, or you may not know of it."
    CONFLICT = "Somebody else changed the record meanwhile; read it again."
    DUPLICATE = "Another record has the same unique key."
    IN_USE = "Other records need this one."
    DECLINED = "The request is right, and what it asks for cannot be had as things stand; the violations say why."
    FORBIDDEN = "Your roles do not permit it."
    UNAUTHENTICATED = "Nobody is signed in, or no longer."
    RATE_LIMITED = "Too many attempts; the message says when to come back."
    IDEMPOTENCY_KEY_REUSED = "The idempotency key was used for another request."
    UNAVAILABLE = "Refused for a passing reason; the same request may succeed later."


@strawberry.type(description="One thing that is wrong with the input.")
class Violation:
    path: str = strawberry.field(
        description="Where: names joined by dots, as in `data.amount.currency` or `data.3.name`."
    )
    code: str = strawberry.field(
        description="What, as a word in capitals that programs can test: `REQUIRED`, `TOO_LONG`."
    )
    message: str = strawberry.field(description="What, in a sentence for people, with the way out.")


@strawberry.type(description="An expected outcome that is not success. Nothing was changed.")
class Problem:
    code: ProblemCode = strawberry.field(description="Why, for programs.")
    message: str = strawberry.field(description="Why, for people, with the way out.")
    violations: list[Violation] = strawberry.field(
        description="All that is wrong with the input; empty for other reasons."
    )


def as_problem(refusal: Refusal) -> Problem:
    """Make what a mutation returns of a refusal."""
    violations = [Violation(path=v.path, code=v.code, message=v.message) for v in refusal.violations]
    return Problem(code=ProblemCode[refusal.code.name], message=refusal.message, violations=violations)


def as_error(refusal: Refusal, **where: Any) -> GraphQLError:
    """Make the GraphQL error that a refused query gives; `where` is `nodes` and `path`."""
    violations = [{"path": v.path, "code": v.code, "message": v.message} for v in refusal.violations]
    extensions = {"code": refusal.code.value, "violations": violations}
    return GraphQLError(refusal.message, extensions=extensions, **where)


class Problems(strawberry.ExceptionHandler[Refusal, Problem]):
    """Turns what a plain resolver refuses into a `Problem`, where its return type has room for one."""

    def handle(self, exception: Refusal, *, field: Any, info: Any) -> Problem:  # noqa: ARG002 - Strawberry's signature
        """Make the union member."""
        return as_problem(exception)
