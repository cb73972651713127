"""The feed is read by the number of its rows alone: what a slower transaction commits is behind every cursor."""

from __future__ import annotations

from crmcore.events import statements

_END = """
    select s.era, 9223372036854775807 as transaction_id, coalesce((select max(position) from crm_event), 0) as position,
        s.kept_era, s.kept_transaction, s.kept_position, false as unsettled
    from crm_feed_state s
"""


def plant() -> None:
    """Read PostgreSQL as if it were SQLite, where the number is the order of commits."""
    statements._END["postgresql"] = _END
    place = "position > $3"
    assert place in statements._READ["sqlite"]
    # PostgreSQL wants to know of what type the parts of the cursor are that nobody looks at.
    typed = f"{place} and $1::bigint is not null and $2::bigint is not null"
    statements._READ["postgresql"] = statements._READ["sqlite"].replace(place, typed)
