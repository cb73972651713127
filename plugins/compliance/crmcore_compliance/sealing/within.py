"""Look-ups that the statement which reads the records makes itself: of values that one record has, or very few."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Final

from crmcore import Database
from crmcore.entities.sealing import ERASED, Cell, LookedFor
from crmcore_compliance.sealing.finding import candidates_sql, sought
from crmcore_compliance.sealing.indexes import BlindIndex
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
    """

    def __init__(self, seal: EntitySeal, column: str, dialect: str) -> None:
        self._seal, self._column = seal, column
        self.sql = candidates_sql(dialect, seal.entity, column, seal.subject_sql("t", dialect), _MOST + 1)

    async def values(self, database: Database, values: Sequence[Any]) -> LookedFor | None:
        """See `crmcore.entities.sealing.Lookup`; None while the index does not have all values."""
        seal, column = self._seal, self._column
        now, field = await known(database), seal.fields[column].field
        index = now.index(field, ComplianceIndexKind.EQUAL)
        if now.state(field) is not ComplianceColumnState.SEALED or index is None:
            return None
        return _Tokens(database, seal, column, index, [seal.text(column, value) for value in values])


class _Tokens:
    """See `crmcore.entities.sealing.LookedFor`."""

    def __init__(
        self, database: Database, seal: EntitySeal, column: str, index: BlindIndex, texts: Sequence[str]
    ) -> None:
        self._database, self._seal, self._column = database, seal, column
        self._texts, self._what = texts, sought(index, texts, column, prefix=False)
        self.params = (index.number, self._what.tokens)

    async def holds(self, found: Sequence[Cell]) -> bool:
        """See `crmcore.entities.sealing.LookedFor`."""
        if len(found) > _MOST:
            return False
        opened = await self._seal.open(self._database, found) if found else ()
        return all(one is not ERASED and self._fits(self._seal.text(self._column, one)) for one in opened)

    def _fits(self, text: str) -> bool:
        return text in self._texts or self._what.fits(text)
