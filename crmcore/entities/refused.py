"""A refusal as JSON, so that it can be kept and told again as it was."""

from __future__ import annotations

from typing import Any

from crmcore import errors
from crmcore.errors import Code, Refusal, Violation

__all__ = ["kept", "restored"]

_KINDS: dict[Code, type[Refusal]] = {
    kind.code: kind
    for kind in (
        errors.Invalid,
        errors.NotFound,
        errors.Conflict,
        errors.Duplicate,
        errors.InUse,
        errors.Declined,
        errors.Forbidden,
        errors.Unauthenticated,
        errors.RateLimited,
        errors.KeyReused,
        errors.Unavailable,
    )
}


def kept(refusal: Refusal) -> list[Any]:
    """Turn a refusal into JSON: code, message, and path, code and message of each violation."""
    return [refusal.code.value, refusal.message, [[v.path, v.code, v.message] for v in refusal.violations]]


def restored(outcome: list[Any]) -> Refusal:
    """Turn that JSON back."""
    code, message, violations = outcome
    return _KINDS[Code(code)](message, [Violation(*v) for v in violations])
