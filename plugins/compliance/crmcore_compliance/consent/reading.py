"""Reads that declare a purpose: only people for whom it is lawful, and only the categories it names."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Final

from crmcore import Access, ActorValue, Crm, Effect, Entity, Narrowing, fields
from crmcore_compliance.consent.codes import is_code, within
from crmcore_compliance.consent.lawful import lawful_sql
from crmcore_compliance.tables.purposes import ComplianceOtherFields, CompliancePurposeStatus

__all__ = ["consented", "for_purpose"]

_Bind = Callable[[ActorValue], str]

#: Making a record is no use of what one has; all else is.
_USES: Final = ("read", "update", "delete", "destroy", "export")
_FIND: Final = (
    "select id, categories, others from compliance_purpose where code = $1 and status = $2 and deleted_at is null"
)
_EFFECTS: Final = {ComplianceOtherFields.MASKED.name: Effect.MASKED, ComplianceOtherFields.HIDDEN.name: Effect.HIDDEN}


async def for_purpose(crm: Crm, code: str, access: Access) -> Access | None:
    """See `crm_purpose`: the access with the purpose, and with rules on the fields that are none of its business."""
    if not is_code(code):
        return None
    found = await crm.database.fetch_dicts(_FIND, code, CompliancePurposeStatus.ACTIVE.name)
    if not found:
        return None
    categories = _listed(found[0]["categories"])
    effect = _EFFECTS.get(found[0]["others"])
    if effect is None or not categories:
        return replace(access, purpose=code)
    effects = dict(access.effects)
    for entity, field in _other_fields(crm.entities, categories):
        effects[entity, field] = max(effect, effects.get((entity, field), effect))
    return replace(access, purpose=code, effects=effects)


def consented(entities: Mapping[str, Entity]) -> Iterable[Narrowing]:
    """See `crm_narrowings`: customers, and whatever leads to one without being guarded by one."""
    if "customer" not in entities:
        return
    yield Narrowing("customer", _of_customer, _USES)
    for entity in entities.values():
        links = [n for n, said in entity.facts.items() if said.target in ("customer", "*")]
        if entity.name != "customer" and entity.guarded_by is None and links:
            yield Narrowing(entity.name, _through(entity, links), _USES)


def _of_customer(alias: str, bind: _Bind, access: Access) -> str | None:
    if access.purpose is None:
        return None
    lawful = lawful_sql(access.purpose, f"{alias}.id", lambda: bind(ActorValue.NOW), f"{alias}_l")
    return f"{alias}.kind = 'ORGANIZATION' or {lawful}"


def _through(entity: Entity, links: Sequence[str]) -> Callable[[str, _Bind, Access], str | None]:
    def sql(alias: str, bind: _Bind, access: Access) -> str | None:
        person = f"{alias}_c"
        condition = _of_customer(person, bind, access)
        if condition is None:
            return None
        # Whoever it leads to, none of them may be somebody for whom the purpose is not lawful.
        return " and ".join(
            f"not ({_is_person(entity, alias, link)}exists (select 1 from customer {person} "
            f"where {person}.id = {alias}.{link} and ({condition}) is not true))"
            for link in links
        )

    return sql


def _is_person(entity: Entity, alias: str, link: str) -> str:
    """Return the condition, with `and`, that a link to any record leads to a customer."""
    if entity.facts[link].target != "*":
        return ""
    kind = f"{alias}.{link.removesuffix('_id')}_type"
    return f"{kind} is not null and {kind} = 'customer' and "


def _other_fields(entities: Mapping[str, Entity], categories: Iterable[str]) -> Iterator[tuple[str, str]]:
    for entity in entities.values():
        for field in entity.own_fields:
            if isinstance(field, fields.Stamp) or (column := getattr(field, "column", None)) not in entity.facts:
                continue
            said = entity.facts[str(column)].personal
            if said and not within(said.category, categories):
                yield entity.name, field.name


def _listed(value: object) -> list[str]:
    # What is read past the entity is JSON as the database gives it.
    return [str(one) for one in (value if isinstance(value, list) else json.loads(str(value)))]
