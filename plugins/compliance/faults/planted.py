"""Defects that are planted on purpose: a run that does not find one is worth nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID

from crmcore_compliance.audit import sequencing
from crmcore_compliance.rights import processing, restored
from crmcore_compliance.rights.erasing import erasing, steps
from crmcore_compliance.sealing import retiring, sweeping

from crmcore.subjects import blanking, removing

__all__ = ["PLANTED"]


async def _nothing(*_: Any, **__: Any) -> Any:
    return []


async def _no_keys(*_: Any) -> set[int]:
    return set()


async def _nobody(_: Any) -> AsyncIterator[UUID]:
    for none in ():
        yield none


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


def _leave_records() -> None:
    """Goes on behind the records of a batch without having sealed them anew."""
    sweeping.turn = _nothing


def _retire_at_once() -> None:
    """Destroys former keys without having looked what they seal still."""
    sweeping.turn, retiring._in_use = _nothing, _no_keys


def _forget_journal() -> None:
    """Takes a restored backup as it is."""
    restored._erased = _nobody


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
    "leave records under former keys": ("rekey", _leave_records),
    "destroy keys that are needed": ("rekey", _retire_at_once),
    "forget the journal of erasures": ("restore", _forget_journal),
    "truncate the log": ("sequence", _truncate_log),
}
