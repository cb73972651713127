"""Search in SQLite: FTS5 gives the records of a term from the newest on, so a page costs what it has."""

from __future__ import annotations

from crmcore.graphql.planner.dialect import quote, where
from crmcore.graphql.planner.feeds.hit import Hit
from crmcore.search.asked import SQLITE
from crmcore.search.entry import INDEX, TABLE

__all__ = ["hits"]

_LAST = 2**63 - 1


def hits(hit: Hit) -> str:
    """Return the select; see `Dialect.hits`."""
    question = hit.question
    if hit.unless is not None:
        # Not a condition of its own: one with a sub-select is looked at again for all that the index finds.
        question = f"case when {hit.unless} then {quote(SQLITE.never)} else {question} end"
    conditions = [f"{INDEX} match {question}", *hit.rows.where]
    if hit.after is not None:
        conditions.append(f"{hit.after.tier} <= {hit.tier}")
        conditions.append(
            f"{INDEX}.rowid < case when {hit.after.tier} = {hit.tier} then {hit.after.position} else {_LAST} end"
        )
    # Cross joins keep the order in which the tables stand: the index before the records.
    joined = f"{INDEX} cross join {TABLE} e on e.id = {INDEX}.rowid cross join {hit.rows.table} {hit.rows.alias} on {hit.rows.alias}.id = e.record_id"
    return (
        f"select * from (select {quote(hit.entity)} as entity, e.record_id as id, {hit.tier} as tier, e.id as position "
        f"from {joined}{where(conditions)} order by {INDEX}.rowid desc limit {hit.limit})"
    )
