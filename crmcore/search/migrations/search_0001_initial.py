"""Initial: the index of `search`, a migration of search.

On PostgreSQL terms are a tsvector with a GIN index, whose list of what is not sorted in yet is kept short, since every
search reads it. On SQLite they are a text, indexed by FTS5 through triggers.
"""

from crmcore.database.migrations import Migration, sql

_TABLE = """
    create table crm_search_entry (
        entity text not null, record_id uuid not null, terms tsvector not null, primary key (entity, record_id)
    )
"""
_SQLITE_TABLE = """
    create table crm_search_entry (
        id integer primary key, entity text not null, record_id uuid not null, terms text not null,
        unique (entity, record_id)
    )
"""
_SQLITE_INDEX = """
    create virtual table crm_search_index using fts5(
        terms, content='crm_search_entry', content_rowid='id', tokenize='ascii', detail=none, columnsize=0
    )
"""
_REMOVE = "insert into crm_search_index (crm_search_index, rowid, terms) values ('delete', old.id, old.terms);"
_ADD = "insert into crm_search_index (rowid, terms) values (new.id, new.terms);"
_STATE = "create table crm_search_state (entity text primary key, columns text not null)"


def _trigger(event: str, *statements: str) -> str:
    name = f"crm_search_entry_{event.split()[0]}"
    return f"create trigger {name} after {event} on crm_search_entry begin {' '.join(statements)} end"


migration = Migration(
    operations=[
        sql(
            sqlite=_SQLITE_TABLE,
            postgresql=_TABLE,
            down_sqlite="drop table crm_search_entry",
            down_postgresql="drop table crm_search_entry",
        ),
        sql(
            sqlite=None,
            postgresql="create index crm_search_entry_terms on crm_search_entry using gin (terms) "
            "with (gin_pending_list_limit = 256)",
            down_postgresql="",
        ),
        sql(sqlite=_SQLITE_INDEX, postgresql=None, down_sqlite="drop table crm_search_index"),
        sql(sqlite=_trigger("insert", _ADD), postgresql=None, down_sqlite=""),
        sql(sqlite=_trigger("delete", _REMOVE), postgresql=None, down_sqlite=""),
        sql(sqlite=_trigger("update of terms", _REMOVE, _ADD), postgresql=None, down_sqlite=""),
        sql(
            sqlite=_STATE,
            postgresql=_STATE,
            down_sqlite="drop table crm_search_state",
            down_postgresql="drop table crm_search_state",
        ),
    ]
)
