"""Bind a mapping to entities, header and rights: what can be wrong with it is found here, before the first row."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from difflib import get_close_matches
from typing import Any

from crmcore.access.actor import Access
from crmcore.entities import fields as f
from crmcore.entities.columns import Write
from crmcore.entities.entity import Entity, camel
from crmcore.entities.kinds import INSTANT
from crmcore.entities.registry import Entities
from crmcore.interchange.imports.load import Loaded, refuse_if_any, templates, text_columns
from crmcore.interchange.imports.mapping import LINE, Field, Move, Record, Source
from crmcore.interchange.imports.plan import FieldPlan, MovePlan, Plan, RecordPlan
from crmcore.interchange.imports.sources import Refused
from crmcore.interchange.imports.strict import Problems
from crmcore.interchange.imports.values import Writable, as_columns

__all__ = ["bind"]

#: Instants that say something of the CRM and nothing of the past.
_UNKNOWABLE = frozenset({"updated_at", "deleted_at"})


def bind(loaded: Loaded, entities: Entities, header: Iterable[str], access: Access) -> Plan:
    """Bind a mapping to entities, header and rights.

    Args:

        loaded: the mapping.
        entities: this CRM's.
        header: the file's columns.
        access: of the actor; fields it may not write are refused here, so that no comparison can betray them.

    Raises:

        SetupError: everything that does not fit, in one message.
    """
    return _Binder(loaded, entities, list(header), access).plan()


class _Binder:
    def __init__(self, loaded: Loaded, entities: Entities, header: list[str], access: Access) -> None:
        self._mapping, self._origin = loaded.mapping, loaded.origin
        self._entities, self._header, self._access = entities, header, access
        self._problems: Problems = []
        self._there: set[str] = set()
        self._read: set[str] = set()
        self._names: dict[str, str] = {}

    def plan(self) -> Plan:
        setup = tuple(p for n, r in enumerate(self._mapping.setup, 1) if (p := self._record(f"setup.{n}", r)))
        self._there = set(self._header)
        columns = []
        for name, source in self._mapping.columns.items():
            columns.append((name, self._column(f"columns.{name}", name, source)))
            self._there.add(name)
        records = tuple(p for n, r in enumerate(self._mapping.records, 1) if (p := self._record(f"records.{n}", r)))
        refuse_if_any(self._problems, self._origin)
        unused = tuple(c for c in self._header if c not in self._read)
        written = frozenset(p.entity.name for p in records)
        return Plan(tuple(self._header), tuple(columns), setup, records, written, unused)

    def _column(self, where: str, name: str, source: Field) -> Source:
        source = Source(column=source) if isinstance(source, str) else source
        if source.record is not None or source.find is not None:
            self._wrong(where, "cannot name or find a record; do that where the field is")
        return self._reads(where, source, source.column or (None if source.text else name))

    def _record(self, where: str, record: Record) -> RecordPlan | None:
        where = f"{where} ({record.label})"
        entity = self._entity(where, record.entity)
        if entity is None:
            return None
        for column in (*record.when, *record.needs):
            self._needs_column(where, column)
        constants = self._constants(f"{where}.values", entity, record.values)
        fields = tuple(p for n, s in record.fields.items() if (p := self._field(f"{where}.fields.{n}", entity, n, s)))
        custom = tuple(self._custom(f"{where}.custom.{n}", entity, n, s) for n, s in record.custom.items())
        plan = RecordPlan(
            record,
            entity,
            self._key(where, entity, record),
            self._external(f"{where}.external.id", record),
            constants,
            fields,
            custom,
            tuple(self._move(f"{where}.moves.{n}", entity, m) for n, m in enumerate(record.moves, 1)),
        )
        self._names[record.label] = entity.name
        return plan

    def _move(self, where: str, entity: Entity, move: Move) -> MovePlan:
        if "stage_id" not in entity.columns:
            self._wrong(where, f"is for deals; {entity.plural} have no stages")
        for column in move.when:
            self._needs_column(where, column)
        at = self._source(f"{where}.at", move.at) if move.at is not None else None
        constants = self._constants(f"{where}.values", entity, move.values)
        fields = tuple(p for n, s in move.fields.items() if (p := self._field(f"{where}.fields.{n}", entity, n, s)))
        return MovePlan(move, at, constants, fields)

    def _key(self, where: str, entity: Entity, record: Record) -> tuple[str, ...]:
        if record.key is None:
            return ()
        if isinstance(record.key, str) and (declared := next((k for k in entity.keys if k.name == record.key), None)):
            names = [camel(column) for column in declared.columns]
        else:
            names = [record.key] if isinstance(record.key, str) else record.key
        found = [field for n in names if (field := self._known(f"{where}.key", entity, n)) is not None]
        for name in names:
            if name not in record.fields and name not in record.values:
                self._wrong(f"{where}.key", f"names {name}, which stands neither in fields nor in values")
        return tuple(column for field in found for column in _columns(field))

    def _external(self, where: str, record: Record) -> Source | None:
        return self._source(where, record.external.id) if record.external is not None else None

    def _constants(self, where: str, entity: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in values.items():
            field = self._writable(f"{where}.{name}", entity, name)
            if field is not None:
                try:
                    found |= as_columns(field, value, Source(), {})
                except Refused as refused:
                    self._wrong(f"{where}.{name}", str(refused).rstrip("."))
        return found

    def _field(self, where: str, entity: Entity, name: str, source: Field) -> FieldPlan | None:
        field = self._writable(where, entity, name)
        return self._bound(where, name, field, self._source(where, source)) if field is not None else None

    def _custom(self, where: str, entity: Entity, name: str, source: Field) -> FieldPlan:
        if "custom_fields" not in entity.columns:
            self._wrong(where, f"is not possible: {entity.plural} have no custom fields")
        return self._bound(where, f"customFields.{name}", None, self._source(where, source))

    def _bound(self, where: str, name: str, field: Writable | None, source: Source) -> FieldPlan:
        if source.record is not None and source.record not in self._names:
            known = ", ".join(self._names) or "none"
            self._wrong(where, f"names the record {source.record!r}; written before this one are {known}")
        target = self._entity(where, source.find) if source.find is not None else None
        if target is None:
            return FieldPlan(name, field, source)
        by = None
        if source.system is None:
            label = camel(target.label) if target.label is not None else None
            wanted = source.by or label
            by = self._known(f"{where}.by", target, wanted) if wanted else None
            if wanted is None:
                self._wrong(where, f"must say by which field of {target.name} to look")
        within = tuple(p for n, s in source.within.items() if (p := self._part(f"{where}.within.{n}", target, n, s)))
        return FieldPlan(name, field, source, target, by, within)

    def _part(self, where: str, target: Entity, name: str, source: Field) -> FieldPlan | None:
        field = self._known(where, target, name)
        return self._bound(where, name, field, self._source(where, source)) if field is not None else None

    def _source(self, where: str, source: Field) -> Source:
        source = Source(column=source) if isinstance(source, str) else source
        return self._reads(where, source, source.column)

    def _reads(self, where: str, source: Source, column: str | None) -> Source:
        named = [column, source.currency_column, *(n for t in templates(source) for n in text_columns(t))]
        for name in named:
            if name is not None:
                self._needs_column(where, name)
        return source

    def _needs_column(self, where: str, name: str) -> None:
        self._read.add(name)
        if name not in self._there and name != LINE:
            self._wrong(where, f"reads the column {name!r}, which the file does not have{_hint(name, self._there)}")

    def _entity(self, where: str, name: str) -> Entity | None:
        if name in self._entities:
            return self._entities[name]
        self._wrong(where, f"names the entity {name!r}, which no plugin declares{_hint(name, self._entities)}")
        return None

    def _known(self, where: str, entity: Entity, name: str) -> Writable | None:
        field = self._entities.fields(entity.name).get(name)
        if isinstance(field, f.Scalar | f.Money):
            return field
        known = [n for n, other in self._entities.fields(entity.name).items() if isinstance(other, f.Scalar | f.Money)]
        meant = f"; did you mean {name}Id?" if f"{name}Id" in known else _hint(name, known)
        self._wrong(where, f"names {entity.type_name}.{name}, which is no field a file can give{meant}")
        return None

    def _writable(self, where: str, entity: Entity, name: str) -> Writable | None:
        field = self._known(where, entity, name)
        if field is None:
            return None
        kept = field.facts.write is Write.NEVER
        if kept and (field.facts.kind is not INSTANT or field.column in _UNKNOWABLE):
            self._wrong(where, f"names {entity.type_name}.{name}, which the server keeps")
        if (effect := self._access.effect(entity.name, name)) is not None:
            how = effect.name.lower().replace("_", "-")
            self._wrong(where, f"names {entity.type_name}.{name}, which your role makes {how}")
        return field

    def _wrong(self, where: str, what: str) -> None:
        self._problems.append((where, what))


def _columns(field: Writable) -> tuple[str, ...]:
    if isinstance(field, f.Money):
        return (field.column, field.currency_column)
    return (field.column, field.type_column) if field.type_column is not None else (field.column,)


def _hint(name: str, known: Iterable[str]) -> str:
    close = get_close_matches(name, list(known), n=1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(sorted(known)) or 'none'}"
