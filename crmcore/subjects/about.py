"""Which records are about a person: those that lead to the customer, and those that hang on them."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from uuid import UUID

from crmcore.database import Database
from crmcore.database.arrays import members
from crmcore.database.declared import on_delete_of
from crmcore.entities.entity import Entity
from crmcore.entities.registry import Entities
from crmcore.subjects.subject import Subject

__all__ = ["Way", "records_of", "same_person", "subject_of", "ways"]

#: From an entity to SQL conditions on the alias `t`, with `$1` for the subject's ids; nearest first.
Way = tuple[str, str]

_CUSTOMER = "customer"
_SAME = """
    with recursive same(id) as (
        select c.id from customer c where c.id = $1
        union
        select c.id from customer c join same s on c.merged_into_id = s.id
    )
    select id from same
"""


async def same_person(database: Database, id: UUID) -> tuple[UUID, ...]:
    """Return a customer and those who turned out to be them, deleted ones too; just the id if there is no such customer."""
    found = [row[0] for row in await database.fetch(_SAME, id)]
    return (id, *(other for other in found if other != id))


async def subject_of(database: Database, id: UUID, *, request_id: str | None = None, delete: bool = True) -> Subject:
    """Return a customer as the person whose data are held."""
    return Subject(id, await same_person(database, id), request_id, delete)


async def records_of(database: Database, entities: Entities, subject: Subject) -> Mapping[str, Sequence[UUID]]:
    """Return the ids of all records that are about a person, deleted ones too, by entity; the customer comes first.

    Args:

        database: where.
        entities: all of them.
        subject: the person.
    """
    found: dict[str, Sequence[UUID]] = {}
    for name, condition in ways(entities, database.dialect):
        sql = f"select t.id from {entities[name].tablename} t where {condition} order by t.id"
        rows = await database.fetch(sql, list(subject.ids))
        if rows:
            found[name] = [row[0] for row in rows]
    return found


def ways(entities: Entities, dialect: str) -> list[Way]:
    """Return how records of each entity that can be about a customer are found; what is nearer to the customer comes first.

    A record is about a customer if it is one, if it links to one, or if it hangs on a record that is: it is guarded by it,
    goes when it goes, or is attached to it. Whoever links to a customer is not looked for on longer ways, unless attached.
    """
    people = members(dialect, "$1", "uuid")
    found: dict[str, list[str]] = {_CUSTOMER: [f"t.id in ({people})"]}
    for entity in entities.values():
        if entity.name != _CUSTOMER:
            for column, kinds in _links(entity, _CUSTOMER):
                found.setdefault(entity.name, []).append(f"t.{column} in ({people}){kinds}")
    layer = [name for name in found if name != _CUSTOMER]
    while layer:
        for parent in layer:
            _attach(entities, found, parent)
        before = set(found)
        for parent in layer:
            _hang(entities, found, parent, before)
        layer = [name for name in found if name not in before]
    return [(name, f"({' or '.join(conditions)})") for name, conditions in found.items()]


def _attach(entities: Entities, found: dict[str, list[str]], parent: str) -> None:
    """Add ways by which records of any entity are attached to those of `parent`, even where others are known."""
    if not entities[parent].attachable:
        return
    for entity in entities.values():
        if entity.name in found:
            for column, kinds in _links(entity, parent):
                if kinds:
                    found[entity.name].append(f"t.{column} in ({_inside(entities, found, parent)}){kinds}")


def _hang(entities: Entities, found: dict[str, list[str]], parent: str, known: Collection[str]) -> None:
    """Add ways by which records of entities that are not known yet hang on those of `parent`."""
    for entity in entities.values():
        if entity.name not in known:
            for column, kinds in _hanging(entity, parent):
                way = f"t.{column} in ({_inside(entities, found, parent)}){kinds}"
                found.setdefault(entity.name, []).append(way)


def _inside(entities: Entities, found: Mapping[str, Sequence[str]], parent: str) -> str:
    # Each sub-select's alias hides the one outside, which it does not need.
    condition = " or ".join(found[parent]).replace("t.", "p.")
    return f"select p.id from {entities[parent].tablename} p where {condition}"


def _links(entity: Entity, target: str) -> Iterator[tuple[str, str]]:
    for column, said in entity.facts.items():
        if said.target == target:
            yield column, ""
        elif said.target == "*":
            yield column, f" and t.{column.removesuffix('_id')}_type = '{target}'"


def _hanging(entity: Entity, parent: str) -> Iterator[tuple[str, str]]:
    for column, kinds in _links(entity, parent):
        if kinds or column == entity.guarded_by or on_delete_of(entity.table)[column] == "CASCADE":
            yield column, kinds
