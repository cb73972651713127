"""Look-ups that the statement which reads the records makes itself: of values that one record has, or very few."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

from crmcore import Database
from crmcore.entities.sealing import ERASED, Cell, LookedFor
from crmcore_compliance.sealing.finding import Sought, candidates_sql, sought
from crmcore_compliance.sealing.known import known
from crmcore_compliance.tables.sealing import ComplianceColumnState, ComplianceIndexKind

if TYPE_CHECKING:
    from crmcore_compliance.sealing.entity_seal import EntitySeal

__all__ = ["TokenLookup"]

#: Records that are found so; for more, values are looked up before.
_MOST: Final = 20


class TokenLookup:
    """See `crmcore.entities.sealing.Lookup`.

    Args:

        seal: of the entity.
        column: which.
        dialect: the database's.
        several: whether more values than one are looked up.
    """

    def __init__(self, seal: EntitySeal, column: str, dialect: str, *, several: bool) -> None:
        self._seal, self._column, self._several = seal, column, several
        subject = seal.subject_sql("t", dialect)
        self.sql = candidates_sql(dialect, seal.entity, column, subject, _MOST + 1, several=several)

    async def values(self, database: Database, values: Sequence[Any]) -> LookedFor | None:
        """See `crmcore.entities.sealing.Lookup`; None while the index does not have all values."""
        seal, column = self._seal, self._column
        now, field = await known(database), seal.fields[column].field
        index = now.index(field, ComplianceIndexKind.EQUAL)
        if now.state(field) is not ComplianceColumnState.SEALED or index is None:
            return None
        texts = [seal.text(column, value) for value in values]
        what = sought(index, texts, column, prefix=False)
        return _Tokens(
            database, seal, column, texts, what, (index.number, what.tokens if self._several else what.tokens[0])
        )


class _Tokens(NamedTuple):
    """See `crmcore.entities.sealing.LookedFor`."""

    database: Database
    seal: EntitySeal
    column: str
    texts: Sequence[str]
    what: Sought
    params: Sequence[Any]

    async def opened(self, found: Sequence[Cell]) -> Sequence[Any] | None:
        """See `crmcore.entities.sealing.LookedFor`."""
        if len(found) > _MOST:
            return None
        values = await self.seal.open(self.database, found) if found else []
        for value in values:
            if value is ERASED:
                return None
            text = self.seal.text(self.column, value)
            if text not in self.texts and not self.what.fits(text):
                return None
        return values
