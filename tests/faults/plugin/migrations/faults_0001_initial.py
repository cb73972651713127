"""Initial: a migration of faults."""

from crmcore.database.migrations import Column, Migration, Table, create_table, sql

# One row for each effect of a handler: the key makes the second telling of an event harmless, `told` counts tellings.
_EFFECT = """
    create table faults_effect (
        handler text not null, event_id text not null, record_id text not null, subject text, told int not null,
        place {place}, primary key (handler, event_id)
    )
"""
# No key at all: a job that ends with its effect in one transaction has it once by itself.
_POSTING = "create table faults_posting (name text not null, note text not null, worker text not null)"


def _table(statement: str, name: str) -> object:
    return sql(
        sqlite=statement.format(place="integer not null"),
        postgresql=statement.format(place="bigint generated always as identity"),
        down_sqlite=f"drop table {name}",
        down_postgresql=f"drop table {name}",
    )


migration = Migration(
    operations=[
        create_table(
            Table(
                "faults_account",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("name", "text"),
                    Column("balance", "int", default=0),
                    Column("note", "text", null=True),
                ),
            ),
        ),
        _table(_EFFECT, "faults_effect"),
        _table(_POSTING, "faults_posting"),
    ]
)
