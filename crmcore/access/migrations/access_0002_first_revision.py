"""The one row of `crm_access_state`, which every request reads."""

from crmcore.database.migrations import Migration, sql

_ROW = "insert into crm_access_state (id, revision, offered) values ('00000000-0000-0000-0000-000000000000', 1, '[]')"

migration = Migration(
    operations=[
        sql(
            sqlite=_ROW,
            postgresql=_ROW,
            down_sqlite="delete from crm_access_state",
            down_postgresql="delete from crm_access_state",
        ),
    ]
)
