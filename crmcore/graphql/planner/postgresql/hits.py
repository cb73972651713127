"""Search in PostgreSQL: a GIN index gives all records of a term, in no order.

So there are three ways, and the statement takes one when it knows how many there are. A few are gathered and sorted. Of many
the newest are met soon by going through the entries from the newest on, a short way at least; should that not fill the page,
because they are old ones or such as the actor may not read, all are gathered after all.
"""

from __future__ import annotations

from crmcore.graphql.planner.dialect import quote, where
from crmcore.graphql.planner.feeds.hit import Hit
from crmcore.search.entry import TABLE

__all__ = ["hits"]

#: So many records are a few, and so many entries a short way.
_FEW, _WAY = 2000, 20_000
_LAST = "'ffffffff-ffff-ffff-ffff-ffffffffffff'::uuid"


def hits(hit: Hit) -> str:
    """Return the select; see `Dialect.hits`."""
    found = f"e.terms @@ {hit.question}::tsquery"
    gates = [] if hit.unless is None else [f"not {hit.unless}"]
    bound = []
    if hit.after is not None:
        gates.append(f"{hit.after.tier} <= {hit.tier}")
        bound.append(
            f"e.record_id < case when {hit.after.tier} = {hit.tier} then {hit.after.position} else {_LAST} end"
        )
    # By `limit 1` the planner cannot turn this around and go through the whole table of records in order.
    conditions = [f"{hit.rows.alias}.id = e.record_id", *hit.rows.where]
    record = f"(select 1 from {hit.rows.table} {hit.rows.alias}{where(conditions)} limit 1)"
    newest = f"order by e.record_id desc limit {hit.limit}"
    many, full = f"(select count(*) from few) >= {_FEW}", f"(select count(*) from walked) >= {hit.limit}"
    way = f"select e.record_id, e.terms from {TABLE} e{where([many, f'e.entity = {quote(hit.entity)}', *bound])}"
    parts = {
        "few": f"select e.record_id from {TABLE} e{where([found, *bound, *gates])} limit {_FEW}",
        "walked": f"select e.record_id from ({way} order by e.record_id desc limit {_WAY}) e "
        f"cross join lateral {record} r where {found} {newest}",
    }
    ways = [
        f"select e.record_id from few e cross join lateral {record} r where not {many} {newest}",
        f"select e.record_id from walked e where {full}",
        f"select e.record_id from {TABLE} e cross join lateral {record} r"
        f"{where([many, f'not {full}', found, *bound])} {newest}",
    ]
    named = ", ".join(f"{name} as materialized ({select})" for name, select in parts.items())
    columns = f"{quote(hit.entity)} as entity, h.record_id as id, {hit.tier} as tier, h.record_id as position"
    return f"select {columns} from (with {named} {' union all '.join(f'({select})' for select in ways)}) h"
