"""What is wrong is put right: by the same actions, and under the same rules, as any change."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec

from crmcore import Entity, Work, Write, actions, errors, ids, subjects
from crmcore_compliance.rights.outcome import At, Step, StepDone

__all__ = ["RECTIFYING"]


async def _rectify(work: Work, at: At) -> StepDone:
    request = at.request
    subject = await subjects.subject_of(work.database, request["customer_id"])
    theirs = await subjects.records_of(work.database, work.entities, subject)
    for change in request["changes"]:
        entity, id = ids.split(change["record"])
        if id not in theirs.get(entity, ()):
            raise errors.Invalid.at("changes", "UNKNOWN_REFERENCE", f"{change['record']} is not about this person.")
        await actions.update(work, entity, id, _typed(work.entities[entity], change["values"]))
    return StepDone(rows=len(request["changes"]))


def _typed(entity: Entity, values: Mapping[str, Any]) -> dict[str, Any]:
    typed: dict[str, Any] = {}
    for name, value in values.items():
        column = "".join(f"_{letter.lower()}" if letter.isupper() else letter for letter in name)
        said = entity.facts.get(column)
        if said is None or said.write is not Write.ALWAYS:
            # It is carried out as the CRM itself, which could write what clients cannot.
            raise errors.Invalid.at("changes", "READ_ONLY", f"{name} of a {entity.type_name} cannot be put right so.")
        python = said.kind.python
        typed[column] = value if value is None or python is str else msgspec.convert(value, python, strict=False)
    return typed


RECTIFYING = (Step("rectify", inside=_rectify),)
