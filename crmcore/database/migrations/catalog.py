"""What tables a database really has, in words that can be compared."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["POSTGRESQL", "SQLITE", "SeenTable", "read"]

#: Each gives rows of table, name, description.
SQLITE = {
    "columns": """
        select t.name, c.name, c.type || case c."notnull" when 1 then ' not null' else '' end
          || coalesce(' default ' || c.dflt_value, '') || case c.pk when 0 then '' else ' primary key' end
        from sqlite_master t, pragma_table_info(t.name) c where t.type = 'table'
    """,
    "links": """
        select t.name, f."from", f."table" || ' on delete ' || lower(f.on_delete)
        from sqlite_master t, pragma_foreign_key_list(t.name) f where t.type = 'table'
    """,
    "indexes": "select tbl_name, name, sql from sqlite_master where type = 'index' and sql is not null",
}
#: The same; `{schema}` is an expression for the schema's oid.
POSTGRESQL = {
    "columns": """
        select t.relname::text, a.attname::text, format_type(a.atttypid, a.atttypmod)
          || case when a.attnotnull then ' not null' else '' end
          || coalesce(' default ' || pg_get_expr(d.adbin, d.adrelid), '')
          || case when p.indrelid is null then '' else ' primary key' end
        from pg_class t join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
        left join pg_attrdef d on d.adrelid = t.oid and d.adnum = a.attnum
        left join pg_index p on p.indrelid = t.oid and p.indisprimary and a.attnum = any(p.indkey)
        where t.relkind = 'r' and t.relnamespace = {schema}
    """,
    "links": """
        select t.relname::text, a.attname::text, f.relname || ' on delete '
          || case c.confdeltype when 'r' then 'restrict' when 'c' then 'cascade' when 'n' then 'set null' else 'no action' end
        from pg_constraint c join pg_class t on t.oid = c.conrelid join pg_class f on f.oid = c.confrelid
        join pg_attribute a on a.attrelid = t.oid and a.attnum = c.conkey[1]
        where c.contype = 'f' and t.relnamespace = {schema}
    """,
    "indexes": """
        select t.relname::text, n.relname::text, pg_get_indexdef(i.indexrelid)
        from pg_index i join pg_class t on t.oid = i.indrelid join pg_class n on n.oid = i.indexrelid
        where not i.indisprimary and t.relnamespace = {schema}
    """,
}

Rows = Iterable[tuple[Any, ...]]


@dataclass
class SeenTable:
    """A table as the database describes it.

    Attributes:

        columns: type, nullability and default by name.
        links: target and what deleting it does, by column.
        indexes: what each index is, by name.
    """

    columns: dict[str, str] = field(default_factory=dict)
    links: dict[str, str] = field(default_factory=dict)
    indexes: dict[str, str] = field(default_factory=dict)


async def read(
    fetch: Callable[[str], Awaitable[Rows]], queries: Mapping[str, str], schema: str = ""
) -> dict[str, SeenTable]:
    """Read a schema's tables by name.

    Args:

        fetch: runs a query.
        queries: `SQLITE` or `POSTGRESQL`.
        schema: PostgreSQL: an expression for the schema's oid.
    """
    seen: dict[str, SeenTable] = {}
    for what, sql in queries.items():
        for table, name, description in await fetch(sql.replace("{schema}", schema)):
            getattr(seen.setdefault(table, SeenTable()), what)[name] = _plain(description)
    return seen


def _plain(description: str) -> str:
    """Return a description without what depends on where a table is or how its statement was laid out."""
    text = re.sub(r" ON (?:\w+\.)?\S+ USING", " USING", description)
    return " ".join(text.split())
