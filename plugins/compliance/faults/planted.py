"""Defects that are planted on purpose: a run that does not find one is worth nothing."""

from __future__ import annotations

from typing import Any

from crmcore_compliance.audit import sequencing
from crmcore_compliance.rights import processing
from crmcore_compliance.rights.erasing import erasing, steps

from crmcore.subjects import blanking, removing

__all__ = ["PLANTED"]


async def _nothing(*_: Any, **__: Any) -> Any:
    return []


def _keep_tokens() -> None:
    erasing.forget_tokens = _nothing  # type: ignore[assignment]


def _keep_keys() -> None:
    steps.destroy_keys = _nothing


def _keep_feed() -> None:
    blanking.redact = removing.redact = _nothing  # type: ignore[attr-defined]


def _forget_steps() -> None:
    """Ends a request without its later steps."""
    whole = processing.STEPS
    processing.STEPS = {kind: steps[:1] for kind, steps in whole.items()}  # type: ignore[assignment]


def _truncate_log() -> None:
    """Signs heads whose newest leaves are not kept."""
    whole = sequencing._keep

    async def kept(database: Any, first: int, entries: Any) -> None:
        await whole(database, first, entries[:-1])

    sequencing._keep = kept


#: By name: the operation in which it is found, and what plants it.
PLANTED = {
    "keep a token": ("erase", _keep_tokens),
    "skip the destruction of keys": ("erase", _keep_keys),
    "keep what the feed told": ("erase", _keep_feed),
    "forget later steps": ("erase", _forget_steps),
    "truncate the log": ("sequence", _truncate_log),
}
