"""Records of a plugin that can be recognized wherever they show: made by its own rules, full of words nobody else uses."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import UUID

from crmcore.contract.rule import Unverified
from crmcore.database import ids
from crmcore.entities.columns import Facts, Write
from crmcore.entities.entity import Entity, snake
from crmcore.entities.kinds import BIGINT, INT, TEXT
from crmcore.entities.store import Row
from crmcore.errors import Invalid, Refusal
from crmcore.testing import TestCrm
from crmcore.testing.values import value

__all__ = ["Marked", "Records"]

#: What every word begins with by which a record is recognized; no other text has it.
_WORD = "Zqx"
_NUMBER, _NUMBERS_END = 700_000_000, 2**31
#: Far enough from each other that one and a small number do not add up to the next.
_APART = 1_009
_FORGIVEN = 5
_marks = count(1)


@dataclass(frozen=True)
class Marked:
    """A record of the plugin.

    Attributes:

        entity: its entity's name.
        id: its id.
        row: all of it.
    """

    entity: str
    id: UUID
    row: Row

    @property
    def shown_id(self) -> str:
        """Its id as clients see it."""
        return ids.encode(self.entity, self.id)

    @property
    def marks(self) -> frozenset[str]:
        """Words and numbers, as digits, that stand in no other record."""
        texts = {str(v) for v in self.row.values() if isinstance(v, str | int) and not isinstance(v, bool)}
        words = (t for t in texts if t.startswith(_WORD) and len(t) > len(_WORD) + 5)
        return frozenset(
            [*words, *(t for t in texts if t.isascii() and t.isdigit() and _NUMBER <= int(t) < _NUMBERS_END)]
        )


class Records:
    """Makes one record of each entity that is asked for, so that those of the plugin hang on the same ones of crmcore.

    Args:

        crm: running.
        plugin: whose entities' records are to be recognized.
        owner: the user in charge of what is made, None for nobody.
    """

    def __init__(self, crm: TestCrm, plugin: str, owner: UUID | None = None) -> None:
        self.crm, self.plugin, self.owner = crm, plugin, owner
        self._made: dict[str, Row] = {}

    @property
    def known(self) -> Collection[str]:
        """The entities of which a record was made."""
        return self._made.keys()

    async def all(self) -> list[Marked]:
        """Make a record of each of the plugin's entities, and one for each kind of record that it can be attached to."""
        own = [e for e in self.crm.entities.values() if e.plugin == self.plugin]
        return [*[await self.marked(e.name) for e in own], *[m for e in own for m in await self._attached(e)]]

    async def marked(self, entity: str) -> Marked:
        """Return the record of an entity of the plugin.

        Raises:

            Unverified: nothing that was tried is accepted.
        """
        row = await self.row(entity)
        return Marked(entity, row["id"], row)

    async def row(self, entity: str) -> Row:
        """Return the record of an entity.

        Raises:

            Unverified: nothing that was tried is accepted.
        """
        if entity not in self._made:
            self._made[entity] = await self._make(self.crm.entities[entity])
        return self._made[entity]

    async def _make(self, kind: Entity) -> Row:
        if kind.plugin != self.plugin:
            owned = {c: self.owner for c in kind.owners if self.owner and c in kind.columns and c != "id"}
            return await self.crm.make(kind.name, **owned)
        made = await self._accepted(kind, await self._values(kind), {})
        return await self._as_it_is(kind) if made is None else made

    async def _accepted(self, kind: Entity, values: dict[str, Any], fixed: dict[str, Any]) -> Row | None:
        """Make a record by the plugin's rules; what they do not take is left out, or to whoever knows how to make one."""
        for _ in range(_FORGIVEN):
            try:
                return await self.crm.make(kind.name, **{**values, **fixed})
            except Invalid as refused:
                wrong = {_column(violation.path) for violation in refused.violations} & values.keys()
                values = {c: v for c, v in values.items() if c not in wrong} if wrong else {}
            except Refusal:
                break
        return None

    async def _attached(self, kind: Entity) -> list[Marked]:
        found: list[Marked] = []
        for column in (c for c, said in kind.facts.items() if said.target == "*" and said.write is not Write.NEVER):
            for target in self.crm.entities.attachable:
                if target == (await self.row(kind.name)).get(f"{column.removesuffix('_id')}_type"):
                    continue
                link = {column: (await self.row(target))["id"], f"{column.removesuffix('_id')}_type": target}
                if (row := await self._accepted(kind, await self._values(kind), link)) is not None:
                    found.append(Marked(kind.name, row["id"], row))
        return found

    async def _as_it_is(self, kind: Entity) -> Row:
        """Write a record past the plugin's rules: they take nothing that could be made up."""
        values: dict[str, Any] = {**dict(_marking(kind)), **await self._links(kind, needed=True)}
        for column, said in kind.facts.items():
            if (
                column not in values
                and said.target is None
                and not said.null
                and said.default is ...
                and column != "id"
            ):
                values[column] = value(column, said, self.crm.next_number(), self.crm.registries)
        values = {c: v for c, v in values.items() if c not in _KEPT}
        try:
            return await self.crm.run(await self.crm.actor(None), lambda work: work.insert(kind.name, values))
        except Exception as error:
            msg = f"No {kind.name} could be made to try the plugin with: {error}"
            raise Unverified(msg) from error

    async def _values(self, kind: Entity) -> dict[str, Any]:
        return {**dict(_marking(kind)), **await self._links(kind, needed=False)}

    async def _links(self, kind: Entity, *, needed: bool) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for column, said in kind.facts.items():
            if said.target is None or column == "id" or said.target == kind.name:
                continue
            if column in kind.owners:
                found[column] = self.owner
            elif said.write is not Write.NEVER and not (needed and said.null):
                found |= await self._link(column, said)
        return {c: v for c, v in found.items() if v is not None}

    async def _link(self, column: str, said: Facts) -> Mapping[str, Any]:
        if said.target != "*":
            return {column: (await self.row(str(said.target)))["id"]}
        target = "customer" if "customer" in self.crm.entities.attachable else self.crm.entities.attachable[0]
        return {column: (await self.row(target))["id"], f"{column.removesuffix('_id')}_type": target}


_KEPT = ("version", "created_at", "updated_at", "created_by", "updated_by", "deleted_at")


def _marking(kind: Entity) -> Iterator[tuple[str, Any]]:
    for column, said in kind.facts.items():
        of_any_link = column.endswith("_type") and f"{column.removesuffix('_type')}_id" in kind.facts
        if said.write is Write.NEVER or said.target is not None or of_any_link:
            continue
        if said.kind is TEXT and said.form in ("line", "text") and said.registry is None:
            mark = f"{_WORD}{next(_marks):05d}{column.replace('_', '')}"
            yield column, mark[: said.max_length] if said.max_length else mark
        elif said.kind in (INT, BIGINT) and said.maximum is None:
            yield column, _NUMBER + next(_marks) * _APART


def _column(path: str) -> str:
    return re.sub(r"\[\d+\]", "", snake(path.removeprefix("data.").split(".", maxsplit=1)[0]))
