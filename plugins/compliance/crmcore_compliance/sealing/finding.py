"""Finding records by a sealed value: tokens give those that may have it, and each of them is opened and compared."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

from crmcore import Database, Entity, errors, kinds
from crmcore.database.arrays import members
from crmcore_compliance.sealing.indexes import LONGEST, BlindIndex, shortest

__all__ = ["Sought", "candidates", "ids_sql", "plain_matches", "rows_sql", "sought"]

_CANDIDATES: Final = """
    select t.id, {subject}, t.{column} from {table} t
    where t.id in (select k.record_id from compliance_token k where k.number = $1 and k.token in ({tokens}))
    limit {limit}
"""
_CANDIDATES_OF_ONE: Final = """
    select t.id, {subject}, t.{column} from compliance_token k join {table} t on t.id = k.record_id
    where k.number = $1 and k.token = $2
    limit {limit}
"""
_PLAIN: Final = "select t.id from {table} t where {compared} limit {limit}"


@dataclass(frozen=True, slots=True)
class Sought:
    """What is looked for.

    Attributes:

        number: of the index that is asked.
        tokens: that its records have.
        fits: says of an opened value, as a text, whether it is one of those.
    """

    number: int
    tokens: list[int]
    fits: Callable[[str], bool]


def sought(index: BlindIndex, texts: Sequence[str], path: str, *, prefix: bool) -> Sought:
    """Return what to look for.

    Raises:

        Invalid: a beginning is too short to be found.
    """
    forms = tuple(dict.fromkeys(map(index.normalise, texts)))
    if not prefix:
        wanted = frozenset(forms)
        return Sought(index.number, list(map(index.token, forms)), lambda text: index.normalise(text) in wanted)
    for form in forms:
        if len(form) < (least := shortest(form)):
            msg = f"{path} is stored sealed; startsWith needs {least} characters of it at least."
            raise errors.Invalid.at(path, "TOO_SHORT", msg)
    tokens = [index.token(form[:LONGEST]) for form in forms]
    return Sought(index.number, tokens, lambda text: index.normalise(text).startswith(forms))


def ids_sql(dialect: str, *, several: bool, distinct: bool) -> str:
    """Return a select of the id of each record that may match, be there such a record or not.

    `$1` is the index, `$2` the token, or the tokens if there may be several.
    """
    token = f"in ({members(dialect, '$2', 'bigint')})" if several else "= $2"
    ids = "distinct k.record_id" if distinct else "k.record_id"
    return f"select {ids} as id from compliance_token k where k.number = $1 and k.token {token}"


def rows_sql(ids: str, entity: Entity, column: str, subject: str) -> str:
    """Return a select of id, subject and stored value of some records; where there is none, of nothing but nulls."""
    return f"""
        select t.id as id, {subject} as whose, t.{column} as value
        from ({ids}) k left join {entity.tablename} t on t.id = k.id
    """


async def candidates(
    database: Database, entity: Entity, column: str, subject: str, what: Sought, limit: int
) -> list[tuple[UUID, UUID | None, Any]]:
    """Return id, subject and stored value of the records that may match.

    Raises:

        Invalid: they are more than `limit`.
    """
    one = len(what.tokens) == 1
    said = {"table": entity.tablename, "column": column, "subject": subject, "limit": limit + 1}
    if one:
        rows = await database.fetch(_CANDIDATES_OF_ONE.format(**said), what.number, what.tokens[0])
    else:
        tokens = members(database.dialect, "$2", "bigint")
        rows = await database.fetch(_CANDIDATES.format(**said, tokens=tokens), what.number, what.tokens)
    if len(rows) > limit:
        msg = (
            f"More than {limit} records may have that {entity.type_name}.{column}, which is stored sealed; "
            "look for something rarer, or raise [plugins.compliance] matches."
        )
        raise errors.Invalid.at(column, "TOO_MANY_MATCHES", msg)
    return [(_id(id), None if whose is None else _id(whose), value) for id, whose, value in rows if value is not None]


async def plain_matches(
    database: Database, entity: Entity, column: str, texts: Sequence[str], limit: int, *, prefix: bool
) -> list[UUID]:
    """Return the records that have one of some texts, or a beginning, as a plain value still, exactly as it is written."""
    kind = entity.facts[column].kind
    stored = f"t.{column}::text" if database.dialect == "postgresql" and kind is not kinds.TEXT else f"t.{column}"
    if prefix:
        compared = " or ".join(f"substr({stored}, 1, {len(text)}) = ${n}" for n, text in enumerate(texts, 1))
        values: list[Any] = list(texts)
    else:
        compared, values = f"{stored} in ({members(database.dialect, '$1', 'text')})", [list(texts)]
    sql = _PLAIN.format(table=entity.tablename, compared=compared, limit=limit + 1)
    return [_id(id) for (id,) in await database.fetch(sql, *values)]


def _id(value: Any) -> UUID:
    # SQLite knows the type of a column, not of what is computed.
    return value if isinstance(value, UUID) else UUID(value)
