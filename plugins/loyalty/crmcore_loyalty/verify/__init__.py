"""Proof: invariants that are looked at on a live ledger, replaying its journal, and the trial balance."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from crmcore import Part
from crmcore_loyalty.verify.reporting import TRIAL_BALANCE

if TYPE_CHECKING:
    import click

__all__ = ["VERIFY"]


def _commands() -> Iterable[click.Command]:
    # Heavy: only the command line needs it.
    from crmcore_loyalty.verify.commands import replay, trial, verify

    return [verify, replay, trial]


VERIFY = Part(graphql=(TRIAL_BALANCE,), commands=_commands)
