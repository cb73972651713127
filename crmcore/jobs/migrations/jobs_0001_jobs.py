"""Jobs: the table of what is to be done, those who do it, and the lanes in which some of it waits for its turn."""

from crmcore.database.migrations import Migration, sql
from crmcore.database.migrations.migration import Operation

#: Instants are microseconds since 1970 and what has a fixed size comes first, so that 100,000 waiting jobs are some 20 MB.
#: Rows live for moments, so vacuum comes early.
_COLUMNS = """
        run_at bigint not null,
        id uuid not null {id},
        state smallint not null,
        priority smallint not null,
        attempts smallint not null default 0,
        ordered boolean not null,
        cancelled boolean not null default false,
        at_once smallint,
        name text not null,
        arguments text,
        key text,
        lane text,
        spacing bigint,
        event_id uuid,
        actor text,
        request_id text,
        trace text,
        worker uuid,
        progress text,
        error text,
        ended_at bigint
"""
_JOB = f"""
    create table crm_job (
        position bigint generated always as identity,{_COLUMNS.format(id="primary key")}
    ) with (
        autovacuum_vacuum_scale_factor = 0.02, autovacuum_vacuum_threshold = 2000, autovacuum_vacuum_cost_delay = 0,
        autovacuum_analyze_scale_factor = 0.2
    )
"""
_SQLITE_JOB = f"""
    create table crm_job (
        position integer primary key autoincrement,{_COLUMNS.format(id="unique")}
    )
"""
#: States, as `crmcore.jobs.states` has them: 0 later, 1 ready, 2 parked, 3 aside, 4 running, 5 done, 6 dead, 7 cancelled.
_INDEXES = {
    "crm_job_ready": "(priority desc, run_at) where state = 1 and lane is null",
    "crm_job_ready_lane": "(priority desc, run_at) where state = 1 and lane is not null",
    "crm_job_later": "(run_at) where state = 0",
    "crm_job_lane": "(lane, state, position) where lane is not null and state < 5",
    "crm_job_aside": "(name, position) where state = 3",
    "crm_job_running": "(worker) where state = 4",
    "crm_job_ended": "(ended_at) where state > 4",
    "crm_job_dead": "(name) where state = 6",
}
#: A worker's claims count as long as its lease, which is by the clock of the database: seconds since 1970.
_WORKER = "create table crm_job_worker (id uuid not null primary key, host text not null, leased_until {real} not null)"
#: Lanes in which a job has ended since somebody looked, and when the next job of a lane with a rate may start.
_FREED = "create table crm_job_freed (position {identity}, lane text not null)"
_PACE = "create table crm_job_pace (lane text not null primary key, next_at bigint not null)"
#: Holds no rows: whoever lets jobs of lanes start locks it, so that there is one at a time.
_TURN = "create table crm_job_turn (id integer)"


def _both(create: str, name: str, sqlite: dict[str, str], postgresql: dict[str, str]) -> Operation:
    drop = f"drop table {name}"
    made = {"sqlite": create.format(**sqlite), "postgresql": create.format(**postgresql)}
    return sql(**made, down_sqlite=drop, down_postgresql=drop)


def _index(name: str, what: str, unique: str = "") -> Operation:
    text = f"create {unique}index {name} on crm_job {what}"
    return sql(sqlite=text, postgresql=text, down_sqlite="", down_postgresql="")


migration = Migration(
    operations=[
        sql(
            sqlite=_SQLITE_JOB,
            postgresql=_JOB,
            down_sqlite="drop table crm_job",
            down_postgresql="drop table crm_job",
        ),
        *(_index(name, what) for name, what in _INDEXES.items()),
        _index("crm_job_key", "(key) where key is not null and state < 5", "unique "),
        _both(_WORKER, "crm_job_worker", {"real": "real"}, {"real": "double precision"}),
        _both(
            _FREED,
            "crm_job_freed",
            {"identity": "integer primary key autoincrement"},
            {"identity": "bigint generated always as identity primary key"},
        ),
        _both(_PACE, "crm_job_pace", {}, {}),
        sql(sqlite=None, postgresql=_TURN, down_postgresql="drop table crm_job_turn"),
    ]
)
