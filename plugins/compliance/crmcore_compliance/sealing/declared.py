"""Which columns are sealed, by the settings, and what can be done with each then."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from math import log2
from typing import Final

from crmcore import Entity, camel, errors, kinds, unsealable
from crmcore.entities.sealing import SealedColumn
from crmcore_compliance.sealing.canonical import CANONICAL
from crmcore_compliance.sealing.normal import NORMALISERS
from crmcore_compliance.sealing.planning import UNIQUE_BITS, plan
from crmcore_compliance.settings import ComplianceSettings

__all__ = ["SealedField", "place_of", "sealed_fields", "shown_place"]

#: Members of `sealed` that stand for all fields of at least this sensitivity.
_GROUPS: Final = {"personal": 2, "sensitive": 3}

#: How values of a category are compared; of the nearest one above it if a category is not here.
_BY_CATEGORY: Final = {
    "user.contact": "contact-v1",
    "user.contact.address": "name-v1",
    "user.contact.address.postal_code": "id-v1",
    "user.contact.email": "email-v1",
    "user.contact.fax_number": "phone-v1",
    "user.contact.phone_number": "phone-v1",
    "user.contact.url": "text-v1",
    "user.financial": "id-v1",
    "user.government_id": "id-v1",
    "user.name": "name-v1",
    "user.payment": "id-v1",
    "user.unique_id": "id-v1",
}
#: Forms of values that hardly two records share.
_SINGULAR: Final = frozenset({"contact-v1", "email-v1", "id-v1", "phone-v1"})
#: Categories of values that many records share, however they are compared.
_SHARED: Final = "user.contact.address"
#: Days in a hundred years.
_DATE_BITS: Final = log2(36_525)
#: Longer texts are read, not looked up.
_LONGEST: Final = 2_000


@dataclass(frozen=True, slots=True)
class SealedField:
    """A column that is sealed.

    Attributes:

        entity, column: which.
        field: its id, which stays when it is renamed.
        normaliser: the form in which its values are compared; None keeps no tokens of it.
        bits: how many bits of its tokens are kept.
        allowed: what can be done with it.
    """

    entity: str
    column: str
    field: str
    normaliser: str | None
    bits: int
    allowed: SealedColumn


def sealed_fields(entities: Mapping[str, Entity], settings: ComplianceSettings) -> list[SealedField]:
    """Return the fields that the settings seal.

    Raises:

        SetupError: some of them are none, or cannot be sealed; all are told of.
    """
    problems: list[str] = []
    #: Whether it was named with a group.
    chosen: dict[tuple[str, str], bool] = {}
    for said in settings.sealed:
        if said in _GROUPS:
            chosen |= dict.fromkeys(_of_group(entities, _GROUPS[said]), True)
        elif (place := _place(entities, said.removeprefix("-"), "sealed", problems)) is None:
            continue
        elif said.startswith("-"):
            chosen.pop(place, None)
        elif why := _cannot(entities[place[0]], place[1]):
            problems.append(f"[plugins.compliance] sealed names {said!r}, which cannot be sealed: {why}")
        else:
            chosen[place] = False
    prefixed = {_place(entities, said, "prefix", problems) for said in settings.prefix}
    forms = {_place(entities, said, "searched", problems): form for said, form in settings.searched.items()}
    ids = {_place(entities, said, "field_ids", problems): id for said, id in settings.field_ids.items()}
    unknown = sorted(set(forms.values()) - {*NORMALISERS, "none"})
    problems += [
        f"[plugins.compliance] searched names {form!r}; it can be one of {', '.join(NORMALISERS)}, or none."
        for form in unknown
    ]
    if problems:
        raise errors.SetupError("compliance-settings", problems)
    fields = {
        place: _field(
            entities[place[0]], place[1], settings, forms.get(place), ids.get(place), prefix=place in prefixed
        )
        for place in chosen
    }
    # What a group names and cannot be sealed in this way stays plain; what is named itself is refused by the core.
    return [
        field
        for (entity, column), field in fields.items()
        if not chosen[entity, column] or unsealable(entities[entity], column, field.allowed) is None
    ]


def _of_group(entities: Mapping[str, Entity], sensitivity: int) -> Iterator[tuple[str, str]]:
    for name, entity in entities.items():
        for column, said in entity.facts.items():
            if said.personal and said.personal.sensitivity >= sensitivity and _cannot(entity, column) is None:
                yield name, column


def _place(entities: Mapping[str, Entity], said: str, setting: str, problems: list[str]) -> tuple[str, str] | None:
    entity, column = place_of(said)
    if entity in entities and column in entities[entity].columns:
        return entity, column
    problems.append(
        f"[plugins.compliance] {setting} names {said!r}, which is no field; write for example customer.familyName."
    )
    return None


def place_of(said: str) -> tuple[str, str]:
    """Return entity and column of a field that was named in either way: `customer.familyName`, `customer.family_name`."""
    entity, _, column = said.partition(".")
    return _snake(entity), _snake(column)


def shown_place(entity: str, column: str) -> str:
    """Return how settings, commands and the API name a field: `customer.familyName`."""
    return f"{camel(entity)}.{camel(column)}"


def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name).lower()


def _cannot(entity: Entity, column: str) -> str | None:
    said = entity.facts[column]
    if said.kind not in CANONICAL or said.currency_column is not None:
        return f"the database itself has to reckon with it ({said.kind.name})."
    if said.form == "currency" or said.registry is not None:
        return "it names one of a set that the server looks up."
    return unsealable(entity, column)


def _field(
    entity: Entity, column: str, settings: ComplianceSettings, form: str | None, id: str | None, *, prefix: bool
) -> SealedField:
    said = entity.facts[column]
    name = form if form is not None else _form(entity, column)
    normaliser = None if name == "none" else name
    bits = _bits(entity, column, normaliser, settings.expected_records)
    if not bits:
        normaliser = None
    personal = said.personal or None
    return SealedField(
        entity.name,
        column,
        id or f"{entity.name}.{column}",
        normaliser,
        bits,
        SealedColumn(
            equality=normaliser is not None,
            prefix=prefix and normaliser is not None and said.kind is kinds.TEXT,
            sortable=0 if said.kind is kinds.JSON else settings.sortable,
            mask=personal.mask if personal else None,
            sensitive=bool(personal and personal.sensitivity >= _GROUPS["sensitive"]),
            erased="«erased»" if said.kind is kinds.TEXT else None,
        ),
    )


def _form(entity: Entity, column: str) -> str:
    said = entity.facts[column]
    if said.kind is kinds.DATE:
        return "text-v1"
    if said.kind is not kinds.TEXT or said.form == "text" or (said.max_length or 0) > _LONGEST:
        return "none"
    category = said.personal.category if said.personal else ""
    while category and category not in _BY_CATEGORY:
        category = category.rpartition(".")[0]
    return _BY_CATEGORY.get(category, "text-v1")


def _bits(entity: Entity, column: str, normaliser: str | None, records: int) -> int:
    """Return how many bits to keep of a column's tokens, 0 if any number would tell its values apart."""
    said = entity.facts[column]
    if normaliser is None:
        return 0
    category = said.personal.category if said.personal else ""
    if normaliser in _SINGULAR and not category.startswith(_SHARED):
        return UNIQUE_BITS
    value_bits = 1024.0
    if said.choices is not None:
        value_bits = log2(len(said.choices))
    elif said.kind is kinds.DATE:
        value_bits = _DATE_BITS
    # One less than the most: two records at least share a token by coincidence.
    allowed = plan(records, value_bits)
    return allowed[-2] if len(allowed) > 1 else 0
