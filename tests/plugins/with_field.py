"""A plugin that adds a field to every customer, computed by the database."""

from __future__ import annotations

from collections.abc import Iterable

from crmcore import Added, fields, hookimpl, kinds

plugin_name = "letters"


@hookimpl
def crm_fields() -> Iterable[Added]:
    length = fields.Expression(
        "lettersInId", "Letters in the id.", kinds.INT, lambda t, _: f"length(cast({t}.id as text))"
    )
    return [Added("customer", length)]
