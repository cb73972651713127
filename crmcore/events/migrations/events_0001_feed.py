"""Feed: what happened, in the order of commits, and how far back it is kept; a migration of events.

On PostgreSQL a number from a sequence says nothing about the order of commits, so a row carries its transaction too.
SQLite has one writer at a time: there the number is the order.
"""

from crmcore.database.migrations import Migration, sql

_COLUMNS = """
    era smallint not null, transaction_id bigint not null, id uuid not null unique, type text not null,
    entity text not null, record_id uuid not null, at timestamptz not null, actor text not null, row text, was text,
    details text, request_id text, idempotency_key text, trace text
"""
_POSTGRESQL = f"""
    create table crm_event (
        position bigint generated always as identity, {_COLUMNS}, primary key (era, transaction_id, position)
    )
"""
_SQLITE = f"create table crm_event (position integer primary key autoincrement, {_COLUMNS})"
_BY_RECORD = "create index crm_event_record on crm_event (record_id, era, transaction_id, position)"
_BY_RECORD_SQLITE = "create index crm_event_record on crm_event (record_id, position)"

_STATE = """
    create table crm_feed_state (
        id smallint primary key check (id = 1), era smallint not null,
        kept_era smallint not null, kept_transaction bigint not null, kept_position bigint not null
    )
"""
_BEGIN = "insert into crm_feed_state values (1, 0, 0, 0, 0)"

migration = Migration(
    operations=[
        sql(
            sqlite=_SQLITE,
            postgresql=_POSTGRESQL,
            down_sqlite="drop table crm_event",
            down_postgresql="drop table crm_event",
        ),
        sql(sqlite=_BY_RECORD_SQLITE, postgresql=_BY_RECORD, down_sqlite="", down_postgresql=""),
        sql(
            sqlite=_STATE,
            postgresql=_STATE,
            down_sqlite="drop table crm_feed_state",
            down_postgresql="drop table crm_feed_state",
        ),
        sql(sqlite=_BEGIN, postgresql=_BEGIN, down_sqlite="", down_postgresql=""),
    ]
)
