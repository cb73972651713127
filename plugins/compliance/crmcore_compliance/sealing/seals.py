"""The seal of each entity, by the settings: of those with sealed fields, and of those through which these find their subject."""

from __future__ import annotations

from collections.abc import Mapping

from crmcore import Entity, errors
from crmcore_compliance.sealing.declared import SealedField, sealed_fields
from crmcore_compliance.sealing.dependants import Dependant
from crmcore_compliance.sealing.entity_seal import EntitySeal
from crmcore_compliance.sealing.paths import path_of
from crmcore_compliance.sealing.unique import unique_keys
from crmcore_compliance.settings import ComplianceSettings

__all__ = ["seals_of"]


def seals_of(entities: Mapping[str, Entity], settings: ComplianceSettings) -> dict[str, EntitySeal]:
    """Return what seals columns, by the name of the entity; none if the settings seal nothing.

    Raises:

        SetupError: the settings name what cannot be sealed.
    """
    by_entity: dict[str, list[SealedField]] = {}
    for field in sealed_fields(entities, settings):
        by_entity.setdefault(field.entity, []).append(field)
    problems: list[str] = []
    seals: dict[str, EntitySeal] = {}
    for name, fields in by_entity.items():
        entity = entities[name]
        uniques = list(unique_keys(entity, {field.column for field in fields}, problems))
        seals[name] = EntitySeal(entity, fields, path_of(entities, name), uniques)
    if problems:
        raise errors.SetupError("compliance-settings", problems)
    for seal in list(seals.values()):
        _note_dependants(seals, seal)
    return seals


def _note_dependants(seals: dict[str, EntitySeal], seal: EntitySeal) -> None:
    path = seal.path
    # SQL for the id of the record that the path has led to so far, of the row `t`.
    way, deep = f"t.{path.columns[0]}" if path.columns else "", 0
    while path.then is not None:
        entity, path = path.then
        if entity.name not in seals:
            seals[entity.name] = EntitySeal(entity, (), path, ())
        seals[entity.name].dependants.append(Dependant(seal, way))
        deep += 1
        w = f"w{deep}"
        way = f"(select {w}.{path.columns[0]} from {entity.tablename} {w} where {w}.id = {way})"
