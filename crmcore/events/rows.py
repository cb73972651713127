"""Rows that the feed has kept, in SQL, as rows of their table: what row rules and selections can be asked of."""

from __future__ import annotations

from crmcore.entities.entity import Entity
from crmcore.entities.kinds import JSON

__all__ = ["kept_rows", "row_as_of"]


def kept_rows(dialect: str, entity: Entity, texts: str) -> str:
    """Return what stands in `from` for rows of an entity's table that are given as the feed has them.

    Args:

        dialect: the database's.
        entity: whose rows.
        texts: SQL of a text, a JSON array of rows.
    """
    if dialect == "postgresql":
        return f"jsonb_populate_recordset(null::{entity.tablename}, ({texts}::text)::jsonb)"
    columns = ", ".join(f"{_column(entity, name, 'value')} as {name}" for name in entity.columns)
    return f"(select {columns} from json_each({texts}))"


def row_as_of(dialect: str, entity: Entity, id: str, at: str) -> str:
    """Return what stands in `from` for a record's row at an instant; no row if there was none, or nobody knows.

    It is what the last event until then left, or what the first event after it changed, or the row itself if nothing ever
    happened to it. The latter two only if the feed reaches back to the instant. A column that an event does not know, since
    it came later, has the value that it has now.

    Args:

        dialect: the database's.
        entity: whose record.
        id: placeholder of its id.
        at: placeholder of the instant.
    """
    born = f"n.created_at <= {at}" if "created_at" in entity.columns else "true"
    return _AS_OF[dialect].format(
        table=entity.tablename,
        entity=entity.name,
        id=id,
        at=at,
        columns=", ".join(f"{_column_as_of(entity, name)} as {name}" for name in entity.columns),
        there=_THERE.format(entity=entity.name, at=at, born=born),
    )


# b is the last event until the instant, a the first one after it if there is no b, n the row as it is now.
_THERE = """
    case
        when b.type is not null then b.type <> '{entity}.destroyed'
        when (select o.at from crm_event o order by o.era, o.transaction_id, o.position limit 1) <= {at}
            then case when a.type is not null then a.type <> '{entity}.created' else n.id is not null and {born} end
        else false
    end
"""
_AS_OF = {
    "postgresql": """
        (select p.* from (select {id} as id) k
        left join {table} n on n.id = k.id
        left join lateral (
            select e.type, e.row from crm_event e
            where e.record_id = k.id and e.entity = '{entity}' and e.row is not null and e.at <= {at}
            order by e.era desc, e.transaction_id desc, e.position desc limit 1
        ) b on true
        left join lateral (
            select e.type, e.row, e.was from crm_event e
            where b.type is null and e.record_id = k.id and e.entity = '{entity}' and e.row is not null and e.at > {at}
            order by e.era, e.transaction_id, e.position limit 1
        ) a on true
        cross join lateral jsonb_populate_record(
            n, coalesce(b.row::jsonb, a.row::jsonb || coalesce(a.was::jsonb, '{{}}'), '{{}}')
        ) p
        where {there})
    """,
    "sqlite": """
        (select {columns} from (select {id} as id) k
        left join {table} n on n.id = k.id
        left join crm_event b on b.position = (
            select e.position from crm_event e
            where e.record_id = k.id and e.entity = '{entity}' and e.row is not null and e.at <= {at}
            order by e.position desc limit 1
        )
        left join crm_event a on b.position is null and a.position = (
            select e.position from crm_event e
            where e.record_id = k.id and e.entity = '{entity}' and e.row is not null and e.at > {at}
            order by e.position limit 1
        )
        where {there})
    """,
}


def _column_as_of(entity: Entity, column: str) -> str:
    whens = " ".join(
        f"when json_type({row}, '$.{column}') is not null then {_column(entity, column, row)}"
        for row in ("b.row", "a.was", "a.row")
    )
    return f"case {whens} else n.{column} end"


def _column(entity: Entity, column: str, row: str) -> str:
    """Return SQLite's expression for a column of a row that is JSON text."""
    if entity.facts[column].kind is JSON:
        # As text, quotes and all: so a JSON column has it.
        return f"nullif({row} -> '$.{column}', 'null')"
    return f"json_extract({row}, '$.{column}')"
