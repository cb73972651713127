"""What the core's entities need beyond their columns' declarations: a name to go by, a way for a deal to go."""

from __future__ import annotations

import runpy
from collections.abc import Awaitable, Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from crmcore.entities.store import Row
from crmcore.entities.work import Work

if TYPE_CHECKING:
    from crmcore.testing.crm import TestCrm

__all__ = ["FACTORIES", "WHOLE", "Factory", "factories_of"]

#: From the CRM and the values that were given, by column, to those that should be there too; given ones win.
Factory = Callable[["TestCrm", Mapping[str, Any]], Awaitable[Mapping[str, Any]]]


async def _customer(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    number = crm.next_number()
    if given.get("kind") == "ORGANIZATION":
        return {"legal_name": f"Organization {number}"}
    named = {"display_name", "given_name", "family_name"} & given.keys()
    return {"kind": "PERSON"} if named else {"kind": "PERSON", "given_name": "Person", "family_name": f"No. {number}"}


async def _contact_point(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"type": "EMAIL", "value": f"person{crm.next_number()}@example.com"} if "type" not in given else {}


async def _interaction(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    values: dict[str, Any] = {"kind": "NOTE"}
    if not {"customer_id", "deal_id"} & given.keys():
        values["customer_id"] = await crm.make("customer")
    if given.get("status") not in (None, "PLANNED", "CANCELLED"):
        values["occurred_at"] = crm.clock.now()
    return values


async def _deal(crm: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    if {"pipeline_id", "stage_id"} & given.keys():
        return {}
    there = await crm.database.fetch_value("select 1 from pipeline where is_default and deleted_at is null")
    return {} if there else {"pipeline_id": await crm.make("pipeline", is_default=True)}


async def _stage(_: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"kind": "OPEN"} if "kind" not in given else {}


async def _pipeline(work: Work, given: Mapping[str, Any]) -> Row:
    # Heavy: the pipelines' actions.
    from crmcore.pipelines.actions.pipeline import StageInput, create_pipeline
    from crmcore.pipelines.tables import StageKind

    stages = [StageInput("New"), StageInput("Won", StageKind.WON), StageInput("Lost", StageKind.LOST)]
    return await create_pipeline(work, **{"stages": stages, **given})


async def _deal_stage_change(crm: TestCrm, _: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"left_at": crm.clock.now()}


async def _participant(_: TestCrm, given: Mapping[str, Any]) -> Mapping[str, Any]:
    return {} if {"customer_id", "user_id", "raw_address"} & given.keys() else {"raw_address": "somebody@example.com"}


async def _role(crm: TestCrm, _: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"key": f"role-{crm.next_number()}"}


async def _role_permission(_: TestCrm, __: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"permission": "customer:read", "scope": "ALL"}


async def _field_rule(_: TestCrm, __: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"entity": "customer", "field": "description", "effect": "HIDDEN"}


async def _custom_field(crm: TestCrm, _: Mapping[str, Any]) -> Mapping[str, Any]:
    return {"record_type": "customer", "key": f"field{crm.next_number()}"}


async def _webhook_endpoint(crm: TestCrm, _: Mapping[str, Any]) -> Mapping[str, Any]:
    admin = await crm.database.fetch_value("select id from crm_role where key = 'admin'")
    return {"event_types": ["*"], "role_id": admin}


FACTORIES: Mapping[str, Factory] = {
    "contact_point": _contact_point,
    "custom_field_definition": _custom_field,
    "customer": _customer,
    "deal": _deal,
    "deal_stage_change": _deal_stage_change,
    "field_rule": _field_rule,
    "interaction": _interaction,
    "interaction_participant": _participant,
    "role": _role,
    "role_permission": _role_permission,
    "stage": _stage,
    "webhook_endpoint": _webhook_endpoint,
}
#: Entities that are made with what belongs to them, by an action of their own.
WHOLE: Mapping[str, Callable[[Work, Mapping[str, Any]], Awaitable[Row]]] = {"pipeline": _pipeline}


def factories_of(source: Path) -> Mapping[str, Factory]:
    """Return what a plugin's own tests make its entities with: `FACTORIES` of `tests/factories.py` in its source tree.

    Args:

        source: folder with the plugin's `pyproject.toml`.
    """
    file = source / "tests" / "factories.py"
    found: Mapping[str, Factory] = runpy.run_path(str(file)).get("FACTORIES", {}) if file.exists() else {}
    return found
