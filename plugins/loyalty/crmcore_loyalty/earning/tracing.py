"""Why an award is what it is: kept with its transaction, enough to compute it again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from datetime import datetime
from fractions import Fraction
from typing import Any

from crmcore_loyalty.earning.award import Award
from crmcore_loyalty.earning.facts import Facts

__all__ = ["parts", "trace"]


def trace(award: Award, facts: Facts) -> Mapping[str, Any]:
    """Return what is kept: rule and revision, what it saw, a digest of that, exact points by part, and the steps."""
    seen = {name: _shown(value) for name, value in sorted(facts.names().items())}
    return {
        "rule": award.rule.code,
        "rule_id": str(award.rule.id),
        "revision": award.rule.revision,
        "trigger": award.rule.trigger.name,
        "condition": award.rule.condition,
        "inputs": seen,
        "inputs_sha256": hashlib.sha256(json.dumps(seen, sort_keys=True).encode()).hexdigest(),
        "parts": {key: str(part) for key, part in award.parts.items()},
        "steps": list(award.steps),
    }


def parts(kept: Mapping[str, Any] | None) -> dict[str, Fraction]:
    """Return the exact points by part from what was kept; nothing for points that no rule gave."""
    return {key: Fraction(part) for key, part in (kept or {}).get("parts", {}).items()}


def _shown(value: Any) -> Any:
    return value.isoformat() if isinstance(value, datetime) else value
