"""Schedules and health: when each schedule is due next, which jobs are held back, and how handlers did each day."""

from crmcore.database.migrations import Migration, sql
from crmcore.database.migrations.migration import Operation

#: Instants are microseconds since 1970, as in the table of jobs.
_SCHEDULE = """
    create table crm_job_schedule (
        name text not null primary key, definition text not null, next_at bigint, last_at bigint
    )
"""
_HOLD = """
    create table crm_job_hold (
        name text not null, why text not null, since bigint not null, until bigint, trials integer not null,
        reason text not null, primary key (name, why)
    )
"""
#: Of all processes together.
_DAY = """
    create table crm_handler_day (
        day date not null, kind text not null, name text not null, plugin text not null, runs bigint not null,
        failures bigint not null, seconds double precision not null, slowest double precision not null, error text,
        primary key (day, kind, name)
    )
"""


def _table(create: str, name: str) -> Operation:
    drop = f"drop table {name}"
    return sql(sqlite=create, postgresql=create, down_sqlite=drop, down_postgresql=drop)


migration = Migration(
    operations=[
        _table(_SCHEDULE, "crm_job_schedule"),
        _table(_HOLD, "crm_job_hold"),
        _table(_DAY, "crm_handler_day"),
    ]
)
