"""What a step of carrying out a request is given, and what it gives back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from crmcore import Crm, Row, Work

__all__ = ["At", "Step", "StepDone"]


@dataclass(frozen=True, slots=True)
class StepDone:
    """What a step did.

    Attributes:

        rows: how many rows it dealt with.
        result: more about it, without personal data, as JSON has it.
        request: columns of the request to be written with it.
    """

    rows: int = 0
    result: Mapping[str, Any] = field(default_factory=dict)
    request: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class At:
    """Where carrying out a request has come to.

    Attributes:

        crm: the CRM.
        request: the request.
        results: of the steps before, by name.
    """

    crm: Crm
    request: Row
    results: Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of carrying out requests of a kind.

    Attributes:

        name: as the task is called.
        inside: what it does in the transaction that notes it, so that it is done once.
        outside: what it does before that, and may do again.
        holdable: whether a legal hold keeps it from being done.
    """

    name: str
    inside: Callable[[Work, At], Awaitable[StepDone]] | None = None
    outside: Callable[[At], Awaitable[StepDone]] | None = None
    holdable: bool = False
