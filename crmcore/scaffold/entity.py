"""A new entity: its tables and enums, its declaration, its migration, its test, as source."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from crmcore.database.migrations.generator import module_text
from crmcore.database.migrations.source_text import Call, written
from crmcore.database.migrations.tables import create_table
from crmcore.database.schema import ColumnSpec, Index, TableSpec
from crmcore.scaffold.columns import LinkTarget, column_lines, column_specs, enum_lines, enum_name
from crmcore.scaffold.field import Field
from crmcore.scaffold.names import EntityNames

__all__ = ["NewEntity"]

_RECORD = (
    ColumnSpec("id", "id", primary=True),
    ColumnSpec("version", "int", default=1),
    ColumnSpec("created_at", "instant"),
    ColumnSpec("updated_at", "instant"),
    ColumnSpec("created_by", "json"),
    ColumnSpec("updated_by", "json"),
    ColumnSpec("deleted_at", "instant", null=True),
    ColumnSpec("owner_id", "id", null=True, references="crm_user", on_delete="SET NULL"),
    ColumnSpec("team_id", "id", null=True, references="crm_team", on_delete="SET NULL"),
)


@dataclass(frozen=True)
class NewEntity:
    """What is to be written for an entity.

    Attributes:

        plugin: the plugin's name.
        names: the entity's.
        fields: its fields, in order.
        targets: where links may lead, by entity.
    """

    plugin: str
    names: EntityNames
    fields: tuple[Field, ...]
    targets: Mapping[str, LinkTarget]

    @property
    def enums(self) -> list[str]:
        """Names of the classes of its choices."""
        return [enum_name(field, self.names) for field in self.fields if field.type == "choice"]

    @cached_property
    def indexes(self) -> tuple[Index, ...]:
        """One for each link, which goes on with the instant where a timeline reads it; those by which row rules go."""
        found = [Index(("owner_id",)), Index(("team_id",))]
        for field in self.fields:
            if field.type == "link":
                then = (f"{self.happened.name} desc",) if field is self.about and self.happened else ()
                found.append(Index((f"{field.name}_id", *then)))
        return tuple(found)

    @cached_property
    def about(self) -> Field | None:
        """The link to a customer by which its records are in the customer's timeline."""
        return next((f for f in self.fields if f.target == "customer"), None)

    @cached_property
    def happened(self) -> Field | None:
        """The instant by which."""
        return next((f for f in self.fields if f.type == "instant"), None)

    @cached_property
    def label(self) -> Field | None:
        """The text by which people know a record."""
        return next((f for f in self.fields if f.type == "text"), None)

    def tables(self) -> str:
        """Return the classes, as they stand in `tables.py`."""
        enums = "".join(f"{enum_lines(f, self.names)}\n\n" for f in self.fields if f.type == "choice")
        columns = "".join(column_lines(f, self.names, self.fields, self.targets) for f in self.fields)
        calls = tuple(Call("Index", (index.columns,)) for index in self.indexes)
        indexes = f"    __indexes__: ClassVar[tuple[Index, ...]] = {written(calls, 1, 43)}\n"
        return (
            f'{enums}class {self.names.type_name}(Owned, Record, Table, tablename="{self.names.table}"):\n'
            f'    """{self.names.a_words.capitalize()}."""\n\n{columns}\n{indexes}'
        )

    def declaration(self) -> str:
        """Return the element of the list that `crm_entities` returns."""
        named: list[tuple[str, object]] = [("plural", self.names.plural)]
        if self.label is not None:
            searched = tuple(f.name for f in self.fields if f.type in ("text", "longtext"))
            named += [("label", self.label.name), ("searched", searched)]
        if self.about is not None and self.happened is not None:
            path = ((f"{self.about.name}_id", "customer"),)
            at = (("at", self.happened.name), ("path", path))
            kind, says = self.names.name.upper(), f"{self.names.a_words.capitalize()}."
            named.append(("timeline", (Call("Timeline", (kind, says), at),)))
        return written(Call("Entity", (_Name(self.names.type_name),), tuple(named)), 2, 1)

    def declaration_imports(self) -> list[str]:
        """Return which names of crmcore the declaration needs."""
        return ["Entity", *(["Timeline"] if self.about is not None and self.happened is not None else [])]

    def migration(self, title: str) -> str:
        """Return the module that makes its table."""
        columns = tuple(spec for field in self.fields for spec in column_specs(field, self.targets))
        table = TableSpec(self.names.table, (*_RECORD, *columns), self.indexes)
        return module_text(self.plugin, title, [create_table(table)])


class _Name:
    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text
