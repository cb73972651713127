"""A plugin that adds a channel and a kind of interaction."""

from __future__ import annotations

from collections.abc import Iterable

from crmcore import Registered, hookimpl

plugin_name = "pigeons"


@hookimpl
def crm_registered() -> Iterable[Registered]:
    return [
        Registered("interaction_channels", "PIGEON", "Pigeon", "A letter that a pigeon carries."),
        Registered("interaction_kinds", "FLIGHT", "Flight", "A pigeon on its way."),
    ]
