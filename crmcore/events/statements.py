"""The statements that read the change feed: how far it is settled, and what stands there, seen in one and the same moment."""

from __future__ import annotations

from functools import lru_cache

from crmcore.database.arrays import members
from crmcore.events.recorded import COLUMNS

__all__ = ["BACK", "NEXT", "SINCE", "WINDOW", "by_ids", "end", "read"]

#: So many events are looked through at most by a statement that reads only some of them.
WINDOW = 10_000

# The last event that is settled, whether there are more behind it, and what is not kept any more. On PostgreSQL the end is
# an event and never the horizon itself: after a crash the numbers of transactions that were rolled back are given out
# again, and a cursor made of one of them would lie before what the next transactions commit.
_END = {
    "postgresql": """
        select coalesce(l.era, s.kept_era) as era, coalesce(l.transaction_id, s.kept_transaction) as transaction_id,
            coalesce(l.position, s.kept_position) as position, s.kept_era, s.kept_transaction, s.kept_position,
            exists (select 1 from crm_event u where u.era = s.era and u.transaction_id >= s.horizon) as unsettled
        from (select *, pg_snapshot_xmin(pg_current_snapshot())::text::bigint as horizon from crm_feed_state) s
        left join lateral (
            select era, transaction_id, position from crm_event e where (e.era, e.transaction_id) < (s.era, s.horizon)
            order by era desc, transaction_id desc, position desc limit 1
        ) l on true
    """,
    "sqlite": """
        select s.era, 0 as transaction_id,
            coalesce((select q.seq from sqlite_sequence q where q.name = 'crm_event'), 0) as position,
            s.kept_era, s.kept_transaction, s.kept_position, 0 as unsettled
        from crm_feed_state s
    """,
}

# Where a search for few events ends for now: at the last of so many.
_WINDOW = {
    "postgresql": """
        select era, transaction_id, position from crm_event
        where (era, transaction_id, position) > ($1, $2, $3)
            and (era, transaction_id, position) <= (r.era, r.transaction_id, r.position)
        order by era, transaction_id, position offset {size} limit 1
    """,
    "sqlite": """
        select era, transaction_id, position from crm_event where position > $3 order by position limit 1 offset {size}
    """,
}
_NO_WINDOW = {
    "postgresql": "select null::smallint as era, null::bigint as transaction_id, null::bigint as position",
    "sqlite": "select null as era, null as transaction_id, null as position",
}
_READ = {
    "postgresql": """
        select r.*, w.*, e.* from ({end}) r
        left join lateral ({window}) w on true
        left join lateral (
            select {columns} from crm_event
            where (era, transaction_id, position) > ($1, $2, $3)
                and (era, transaction_id, position) <= (r.era, r.transaction_id, r.position)
                and (w.era is null or (era, transaction_id, position) <= (w.era, w.transaction_id, w.position)) {where}
            order by era, transaction_id, position limit $4
        ) e on true
    """,
    "sqlite": """
        select r.*, w.*, e.* from ({end}) r
        left join ({window}) w on true
        left join (
            select {columns} from crm_event where position > $3 {where} order by position limit $4
        ) e on w.position is null or e.position <= w.position
    """,
}


def end(dialect: str) -> str:
    """Return what reads until where the feed is settled (era, transaction_id, position), what is not kept, and `unsettled`."""
    return _END[dialect]


@lru_cache
def read(dialect: str, types: bool, entity: bool, record: bool) -> str:
    """Return what reads a page: in each row the columns of `end`, the end of the window, and an event's `COLUMNS`.

    Bind a cursor as `$1` to `$3`, the limit, and from `$5` on the filters that are asked for. The feed is not read to its
    end in search of a few events: behind a window of `WINDOW` it is for the next page. One record's are found by an index.

    Args:

        dialect: the database's.
        types: whether only some types of events are wanted.
        entity: whether only those of one entity's records are.
        record: whether only those of one record are.
    """
    asked = [
        how for how, wanted in (("type in ({})", types), ("entity = {}", entity), ("record_id = {}", record)) if wanted
    ]
    places = (f"${n}" for n in range(5, 8))
    conditions = [
        f"and {how.format(members(dialect, place, 'text') if how.startswith('type') else place)}"
        for how, place in zip(asked, places, strict=False)
    ]
    windowed = (types or entity) and not record
    window = _WINDOW[dialect].format(size=WINDOW - 1) if windowed else _NO_WINDOW[dialect]
    return _READ[dialect].format(end=_END[dialect], columns=COLUMNS, window=window, where=" ".join(conditions))


def by_ids(dialect: str) -> str:
    """Return what reads events by a list of ids."""
    return f"select {COLUMNS} from crm_event where id in ({members(dialect, '$1', 'uuid')})"


#: Where the event before the last so many stands.
BACK = {
    "postgresql": "select era, transaction_id, position from crm_event "
    "order by era desc, transaction_id desc, position desc offset $1 limit 1",
    "sqlite": "select era, transaction_id, position from crm_event order by position desc limit 1 offset $1",
}
#: Where the first event at or after `$1` stands, among those with ids from `$2` to `$3`.
SINCE = """
    with few as materialized (
        select era, transaction_id, position, at from crm_event where id >= $2 and id < $3
    )
    select era, transaction_id, position from few where at >= $1 order by era, transaction_id, position limit 1
"""
#: Where that with the smallest id from `$2` on stands.
NEXT = "select era, transaction_id, position from crm_event where id >= $2 and at >= $1 order by id limit 1"
