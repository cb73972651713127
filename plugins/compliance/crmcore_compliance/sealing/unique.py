"""Unique keys in which a sealed column stands: two ciphertexts of one value differ, so tokens have to agree instead."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any, Final

from crmcore import Entity, Index, Row
from crmcore_compliance.sealing.canonical import CANONICAL

__all__ = ["UniqueKey", "unique_keys"]

_COLUMN: Final = re.compile(r"\w+")
_FLAG: Final = re.compile(r"(not )?(\w+)")


@dataclass(frozen=True, slots=True)
class UniqueKey:
    """A unique index of an entity.

    Attributes:

        entity: whose.
        name: the index's.
        columns: that are unique together.
        live: whether deleted records do not count.
        flag: column that must hold for a record to count, and whether it must hold or must not.
    """

    entity: Entity
    name: str
    columns: tuple[str, ...]
    live: bool
    flag: tuple[str, bool] | None

    @property
    def decided_by(self) -> frozenset[str]:
        """The columns that decide the key, and whether it counts."""
        return frozenset(
            {*self.columns, *(("deleted_at",) if self.live else ()), *((self.flag[0],) if self.flag else ())}
        )

    def parts(self, row: Row) -> list[str] | None:
        """Return the key's values as texts, None where the row need not be unique."""
        if self.live and row.get("deleted_at") is not None:
            return None
        if self.flag is not None and bool(row.get(self.flag[0])) is not self.flag[1]:
            return None
        values = [row.get(column) for column in self.columns]
        if any(value is None for value in values):
            return None
        return [self._text(column, value) for column, value in zip(self.columns, values, strict=True)]

    def _text(self, column: str, value: Any) -> str:
        canonical = CANONICAL.get(self.entity.facts[column].kind)
        return str(value) if canonical is None else canonical.text(value)


def unique_keys(entity: Entity, sealed: Collection[str], problems: list[str]) -> Iterator[UniqueKey]:
    """Give the unique keys that sealed columns are part of; those that tokens cannot stand in for are problems."""
    indexes: tuple[Index, ...] = getattr(entity.table, "__indexes__", ())
    for index in indexes:
        name = index.named(entity.tablename)
        words = {word for column in (*index.columns, index.where or "") for word in re.findall(r"\w+", column)}
        if not index.unique or words.isdisjoint(sealed):
            continue
        flag = _FLAG.fullmatch(index.where) if index.where else None
        if not all(_COLUMN.fullmatch(column) for column in index.columns) or (index.where and flag is None):
            problems.append(
                f"[plugins.compliance] sealed has {entity.name}.{', '.join(sorted(words & set(sealed)))}, which the unique "
                f"index {name} computes with; leave it plain, or have the index name nothing but columns."
            )
            continue
        yield UniqueKey(entity, name, index.columns, index.live, (flag[2], flag[1] is None) if flag else None)
