"""A plugin that protects people's data: classification, sealing, narrowings, purposes, export and erasure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any
from uuid import UUID

from piccolo.table import Table

from crmcore import (
    Access,
    Actor,
    ActorValue,
    Address,
    Crm,
    Database,
    Effect,
    Entity,
    Narrowing,
    PersonalData,
    Record,
    Row,
    Settings,
    UniqueViolation,
    Work,
    camel,
    columns,
    for_purpose,
    hookimpl,
    sealing,
    subjects,
    unsealable,
)

plugin_name = "guard"


class GuardNote(Record, Table, tablename="guard_note"):
    """What was noted of a person."""

    text = columns.text("What was noted.", personal=PersonalData("user.content", sensitivity=3, mask="hidden"))


class Plain:
    """Seals nothing, in the right shape."""

    columns: Mapping[str, sealing.SealedColumn] = {"text": sealing.SealedColumn(equality=True, erased="«erased»")}
    subject_columns: tuple[str, ...] = ()

    def memory(self, database: Database) -> sealing.Memory | None:
        """Nothing."""
        return None

    def subject_sql(self, alias: str, dialect: str) -> str:
        """Nobody's."""
        return "null"

    async def subjects(self, database: Database, rows: Sequence[Row]) -> list[UUID | None]:
        """Nobody's."""
        return [None for _ in rows]

    async def seal(self, database: Database, cells: Sequence[sealing.Cell]) -> list[str]:
        """As they are."""
        return [f"{sealing.MARK}{cell.value}" for cell in cells]

    async def open(
        self,
        database: Database,
        cells: Sequence[sealing.Cell],
        reading: sealing.Reading | None = None,
        *,
        past: bool = False,
    ) -> list[Any]:
        """As they were."""
        return [cell.value if sealing.is_sealed(cell.value) else sealing.ERASED for cell in cells]

    async def tell(self, database: Database, cells: Sequence[sealing.Cell], reading: sealing.Reading) -> None:
        """Nobody asks."""

    async def changed(self, database: Database, changes: Sequence[tuple[Row | None, Row | None]]) -> None:
        """Nothing is looked up; what is taken would be told so."""
        if not changes:
            raise UniqueViolation("guard_note_text_key", "guard_note", ("text",))

    def lookup(self, column: str, dialect: str, *, several: bool) -> sealing.Lookup | None:
        """No statement can."""
        return None

    async def find(self, database: Database, column: str, values: Sequence[Any], *, prefix: bool = False) -> list[UUID]:
        """Nothing."""
        return []


@hookimpl
def crm_sealing(entities: Mapping[str, Entity], settings: Settings) -> Mapping[str, sealing.Seal]:
    """The notes, if they can be sealed."""
    why: str | None = unsealable(entities["guard_note"], "text")
    return {} if why else {"guard_note": Plain()}


def _shown(alias: str, bind: Callable[[ActorValue], str], access: Access) -> str | None:
    hidden = access.effect("guard_note", camel("text")) is Effect.HIDDEN
    return f"{alias}.created_at <= {bind(ActorValue.NOW)}" if access.purpose or hidden else None


@hookimpl
def crm_narrowings(entities: Mapping[str, Entity]) -> Iterable[Narrowing]:
    """Notes of the future are nobody's."""
    return [Narrowing("guard_note", _shown)]


@hookimpl
async def crm_subject_export(crm: Crm, subject: subjects.Subject) -> Iterable[subjects.Exported]:
    """Where the database is."""
    address: Address = Address.parse(crm.settings.database)
    return [subjects.Exported("place", "Where your data are.", [{"place": str(address)}])]


@hookimpl
async def crm_subject_erase(work: Work, subject: subjects.Subject) -> Iterable[subjects.Erasure]:
    """Nothing beyond records."""
    return [subjects.Erasure("guard_note", subjects.Fate.KEPT, 0, "Nothing is held.")]


async def read_for(crm: Crm, actor: Actor) -> Actor:
    """Return the actor as one who reads for a purpose."""
    return await for_purpose(crm, actor, "marketing.newsletter")
