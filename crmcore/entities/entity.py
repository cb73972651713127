"""An entity: a Piccolo table, and what follows from it for API, rules, events, import and history."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from typing import TYPE_CHECKING, Any

import msgspec
from piccolo.columns import Column
from piccolo.table import Table

from crmcore.entities import fields as f
from crmcore.entities.columns import Facts, Write, facts
from crmcore.entities.kinds import ID, INSTANT, JSON
from crmcore.entities.timeline import Timeline

if TYPE_CHECKING:
    from crmcore.access.rules import ActorValue
    from crmcore.entities.change import Change
    from crmcore.entities.sealing import Seal
    from crmcore.entities.work import Work

__all__ = ["ALL_ACTIONS", "Entity", "Key", "Narrow", "Prepare", "camel", "snake"]

#: Rules of an entity: looks at what is about to be written, completes it, adds violations to it.
Prepare = Callable[["Work", "Change"], Awaitable[None]]

#: A condition on the rows of an entity beyond what roles say.
Narrow = Callable[[str, Callable[["ActorValue"], str]], str]

ALL_ACTIONS = frozenset({"create", "update", "delete", "restore", "destroy", "upsert"})


def snake(name: str) -> str:
    """Write `DealStageChange` as `deal_stage_change`."""
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


@lru_cache(4096)
def camel(name: str) -> str:
    """Write `stage_entered_at` as `stageEnteredAt`."""
    head, *tail = name.split("_")
    return head + "".join(word.capitalize() for word in tail)


@dataclass(frozen=True, slots=True)
class Key:
    """A unique key a client may upsert on.

    Attributes:

        name: as the client names it in `onConflict` and a mapping file (GraphQL enum member, upper snake case).
        columns: columns of the entity's table, together unique among live rows (there is such an index).
    """

    name: str
    columns: tuple[str, ...]


@dataclass(frozen=True)
class Entity:
    """One kind of record.

    Attributes:

        table: the Piccolo table, made with `Record` and `crmcore.columns`; its docstring is the type's description.
        plural: GraphQL name of its lists, lower camel (`customers`, `contactPoints`).
        prepare: the entity's rules, called for every create and update whatever the door, inside the transaction.
        owners: link columns to users; scope OWN reaches the rows where the actor is one of them.
        narrow: from a row's alias and a binder of actor values to an SQL condition that narrows every role's reach, whatever
            the action and the scope; it can only take rows away.
        guarded_by: link column; who may see or change the target may see or change this record.
        keys: unique keys for upsert.
        actions: which of the generic mutations clients get; empty for what only the server writes.
        order: columns that lists of it are ordered by when a client does not say, `-` before one for the largest first; the
            newest record comes first if there is none.
        label: column by which people know the record, used by messages, import and search.
        attachable: whether `any_link` columns may point to it (tags, external ids, tasks).
        searched: text columns that `search` looks into.
        found_as: the link of `guarded_by`, when `search` is to show the record it leads to instead of this one.
        timeline: as what its records are entries of other records' timelines.
        plain: columns that statements of the plugin's own read or compare, so that they are never stored sealed.
        since: version of the plugin that has it first; the schema shows it.
        sealed: columns that are stored sealed; the host fills it in.
        seal: seals and opens them, None if there are none; likewise.
    """

    table: type[Table]
    plural: str
    prepare: Prepare | None = None
    owners: tuple[str, ...] = ("owner_id",)
    narrow: Narrow | None = None
    guarded_by: str | None = None
    keys: tuple[Key, ...] = ()
    actions: frozenset[str] = ALL_ACTIONS
    order: tuple[str, ...] = ()
    label: str | None = None
    attachable: bool = False
    searched: tuple[str, ...] = ()
    found_as: str | None = None
    timeline: tuple[Timeline, ...] = ()
    plain: tuple[str, ...] = ()
    since: str | None = None
    plugin: str = field(default="core", compare=False)
    sealed: frozenset[str] = frozenset()
    seal: Seal | None = field(default=None, compare=False, repr=False)

    @cached_property
    def name(self) -> str:
        """`deal_stage_change`: prefix of ids, name in permissions and mapping files."""
        return snake(self.table.__name__)

    @cached_property
    def type_name(self) -> str:
        """`DealStageChange`: GraphQL type."""
        return self.table.__name__

    @cached_property
    def singular(self) -> str:
        """`dealStageChange`: root field."""
        return camel(self.name)

    @cached_property
    def description(self) -> str:
        """First paragraph of the table's docstring, on one line."""
        return " ".join((self.table.__doc__ or "").strip().split("\n\n")[0].split())

    @cached_property
    def tablename(self) -> str:
        """Name of the table in the database."""
        return str(self.table._meta.tablename)

    @cached_property
    def columns(self) -> Mapping[str, Column]:
        """The table's columns by name, in declared order."""
        return {c._meta.db_column_name: c for c in self.table._meta.columns}

    @cached_property
    def facts(self) -> Mapping[str, Facts]:
        """What the declaration says of each column."""
        return {name: facts(column) for name, column in self.columns.items()}

    @cached_property
    def documents(self) -> frozenset[str]:
        """The columns that hold JSON."""
        return frozenset(column for column, said in self.facts.items() if said.kind is JSON)

    @cached_property
    def names(self) -> tuple[str, ...]:
        """The table's columns in declared order, as the rows of new records have them."""
        return tuple(self.columns)

    @cached_property
    def document_places(self) -> tuple[int, ...]:
        """Where in a new record's row the columns stand that hold JSON."""
        return tuple(place for place, column in enumerate(self.columns) if column in self.documents)

    @cached_property
    def instants(self) -> tuple[str, ...]:
        """The columns that hold instants."""
        return tuple(column for column, said in self.facts.items() if said.kind is INSTANT)

    @cached_property
    def document(self) -> type[msgspec.Struct]:
        """What a new record's row is written as, a field for each column in their order: JSON leaves out what is empty."""
        columns = enumerate(self.names)
        named = {f"v{place}": column for place, column in columns}
        return msgspec.defstruct(
            self.type_name, [(name, Any, None) for name in named], rename=named, omit_defaults=True, gc=False
        )

    @cached_property
    def blank(self) -> Mapping[str, None]:
        """All columns, with nothing in them."""
        return dict.fromkeys(self.columns)

    @cached_property
    def targets(self) -> Mapping[str, str]:
        """The columns that lead to records, each with the name of the entity; `*` is any."""
        return {name: said.target for name, said in self.facts.items() if said.target is not None}

    @cached_property
    def links(self) -> tuple[str, ...]:
        """The columns that lead to records, of one entity or of any."""
        return tuple(self.targets)

    @cached_property
    def indexed(self) -> tuple[tuple[str, bool], ...]:
        """The columns of its own under which a record is found, each with whether it holds sentences.

        Sealed ones are left out, since the index would tell what they hold.
        """
        return tuple(
            (column, self.facts[column].form == "text") for column in self.searched if column not in self.sealed
        )

    @cached_property
    def defaults(self) -> Mapping[str, Any]:
        """The columns that nobody need name, each with what it holds then."""
        said = ((name, said) for name, said in self.facts.items() if said.default is not ... or said.null)
        return {name: None if s.default is ... else s.default for name, s in said}

    @cached_property
    def required(self) -> tuple[str, ...]:
        """The columns that whoever makes a record has to name."""
        given = ((name, said) for name, said in self.facts.items() if said.write is not Write.NEVER and name != "id")
        return tuple(name for name, said in given if not said.null and said.default is ...)

    @cached_property
    def money(self) -> tuple[tuple[str, str], ...]:
        """The amounts, each with the column of its currency."""
        return tuple((name, s.currency_column) for name, s in self.facts.items() if s.currency_column is not None)

    @cached_property
    def soft_delete(self) -> bool:
        """Whether delete keeps the row (`deleted_at`)."""
        return "deleted_at" in self.columns

    @cached_property
    def owned(self) -> bool:
        """Whether rows belong to somebody, which scopes OWN and TEAM go by."""
        return any(owner in self.columns for owner in self.owners)

    @cached_property
    def own_fields(self) -> tuple[f.Field, ...]:
        """The fields the table itself gives, in declared order; relations from elsewhere are added by `Entities`."""
        hidden = {s.currency_column for s in self.facts.values()} | {
            f"{name[:-3]}_type" for name, s in self.facts.items() if s.target == "*"
        }
        return tuple(x for name in self.columns if name not in hidden for x in self._fields_of(name))

    def _fields_of(self, column: str) -> tuple[f.Field, ...]:
        said = self.facts[column]
        name, null = camel(column), said.null
        if said.currency_column:
            return (f.Money(name, said.description, column, said.currency_column, said, null),)
        if column in ("created_by", "updated_by"):
            return (f.Stamp(name, said.description, column),)
        if said.kind is not ID:
            return (f.Scalar(name, said.description, column, said, said.kind, null),)
        if said.target is None:
            return (f.Scalar(name, said.description, column, said, ID, null, self.name),)
        relation = camel(column.removesuffix("_id"))
        if said.target == "*":
            kind_column = f"{column.removesuffix('_id')}_type"
            return (
                f.Scalar(name, said.description, column, said, ID, null, None, kind_column),
                f.AnyOne(relation, said.description, column, kind_column),
            )
        return (
            f.Scalar(name, said.description, column, said, ID, null, said.target),
            f.One(relation, said.description, said.target, _to(column), column),
        )

    def __repr__(self) -> str:
        return f"<Entity {self.name}>"


def _to(column: str) -> f.Join:
    return lambda parent, child: f"{child}.id = {parent}.{column}"
