"""An export in which nobody can be told apart from k - 1 others: read as any client reads, then generalised."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from crmcore import Actor, Crm, errors, fields, kinds
from crmcore_compliance.register.mondrian import Demand, TooFew, anonymised

__all__ = ["anonymous_rows"]

_PAGE = 200
_DAY = re.compile(r"(\d{4})-\d\d-\d\d")


async def anonymous_rows(
    crm: Crm, actor: Actor, entity: str, demand: Demand, *, years: Sequence[str] = (), limit: int = 100_000
) -> list[dict[str, Any]]:
    """Return an entity's records as far as the actor may export them, generalised until the demand is met.

    Args:

        crm: the CRM.
        actor: who exports; what is hidden or masked from them stays so.
        entity: entity name.
        demand: by GraphQL names.
        years: which of the quasi-identifiers are dates of which only the year counts.
        limit: how many records at most.

    Raises:

        Invalid: there is no such entity or field, too many records, or the demand cannot be met.
        Forbidden: the actor may not export such records.
    """
    if entity not in crm.entities:
        raise errors.Invalid.at("entity", "UNKNOWN_VALUE", f"There is no entity {entity!r}.")
    kind = crm.entities[entity]
    names = [*demand.quasi, *demand.sensitive]
    known = {f.name for f in kind.own_fields if isinstance(f, fields.Scalar) and f.kind not in (kinds.ID, kinds.JSON)}
    if unknown := [name for name in names if name not in known]:
        message = (
            f"{entity} has no plain field {', '.join(unknown)}; ids and JSON cannot be generalised. "
            f"It has {', '.join(sorted(known))}."
        )
        raise errors.Invalid.at("fields", "UNKNOWN_FIELD", message)
    if others := [name for name in years if name not in demand.quasi]:
        message = (
            f"Only the year is to count of {', '.join(others)}, and by that nobody is told apart; name it there, too."
        )
        raise errors.Invalid.at("years", "UNKNOWN_FIELD", message)
    rows = await _read(crm, actor, kind.plural, names, limit)
    for row in rows:
        row.update({name: int(found[1]) for name in years if (found := _DAY.match(str(row[name])))})
    try:
        return anonymised(rows, demand)
    except (TooFew, ValueError) as problem:
        raise errors.Invalid.at("k", "CANNOT_BE_MET", str(problem)) from None


async def _read(crm: Crm, actor: Actor, plural: str, names: Sequence[str], limit: int) -> list[dict[str, Any]]:
    text = (
        f"query ($after: String) {{ found: {plural}(first: {_PAGE}, after: $after) "
        f"{{ nodes {{ {' '.join(names)} }} pageInfo {{ hasNextPage endCursor }} }} }}"
    )
    rows: list[dict[str, Any]] = []
    after = None
    while True:
        answer = await crm.execute(text, {"after": after}, actor=actor)
        if answer.get("errors"):
            raise errors.Invalid(answer["errors"][0]["message"])
        page = answer["data"]["found"]
        rows += page["nodes"]
        if len(rows) > limit:
            raise errors.Invalid.at(
                "limit", "TOO_MANY", f"There are more than {limit} records; filter them or raise the limit."
            )
        if not page["pageInfo"]["hasNextPage"]:
            return rows
        after = page["pageInfo"]["endCursor"]
