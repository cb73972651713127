"""A plugin that takes a name of everybody's for itself, so that nobody else can have it."""

from __future__ import annotations

from collections.abc import Iterable

from crmcore import Registered, hookimpl

plugin_name = "rivals"


@hookimpl
def crm_registered() -> Iterable[Registered]:
    return [Registered("interaction_kinds", "FLIGHT", "Flight", "A journey by air.")]
