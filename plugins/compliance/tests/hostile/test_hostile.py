"""Whatever a client sends to a field of the plugin, it is answered or refused: never INTERNAL, and nothing goes wrong unseen.

The fields are read off the schema, so a new one is attacked by being there.
"""

from __future__ import annotations

import logging
import os
from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from random import Random
from typing import Any

import pytest
from battery import Attack, attacks, own_fields
from crmcore_compliance.audit.sequencing import sequence_all
from factories import FACTORIES
from people import decide, made_purpose
from rights_world import request_of

from crmcore import ids
from crmcore.testing import Factory, TestCrm

#: How many attacks on one field of what the core makes of an entity (lists, create, update, …), which has them by the
#: thousand; all others have every one. `HOSTILE=1000000` is all of them.
SAMPLE = int(os.environ.get("HOSTILE", "8"))


@pytest.fixture(scope="session")
def crm_factories() -> Mapping[str, Factory]:
    """What records of the plugin need that their columns do not say."""
    return FACTORIES


@pytest.fixture(scope="module")
def sealed() -> tuple[str, ...]:
    """All that is personal, so that values go through the seals too."""
    return ("personal",)


async def records(crm: TestCrm) -> dict[str, list[str]]:
    """Make what a client can make, a live one and a deleted one, and what the server makes; return ids by entity."""
    found: dict[str, list[str]] = {}
    mutations = crm.schema.graphql.mutation_type
    assert mutations is not None
    ada = await crm.make("customer", kind="PERSON", family_name="Lovelace", birth_date=date(1815, 12, 10))
    found["customer"] = [ada.shown_id]
    purpose = await made_purpose(crm, "mail", needs="CONSENT")
    await decide(crm, ada, purpose, "GIVEN")
    await request_of(crm, ada["id"], "ACCESS")
    for entity in ("deal", *(name for name in crm.entities if name.startswith("compliance_"))):
        table, columns = crm.entities[entity].tablename, crm.entities[entity].columns
        if f"create{crm.entities[entity].type_name}" in mutations.fields:
            live, deleted = await crm.make(entity), await crm.make(entity)
            found[entity] = [live.shown_id, deleted.shown_id]
            if "deleted_at" in columns:
                gone = f"update {table} set deleted_at = $1 where id = $2"
                await crm.database.execute(gone, crm.clock.now(), deleted["id"])
    await sequence_all(crm)
    for entity in (name for name in crm.entities if name.startswith("compliance_") and name not in found):
        rows = await crm.database.fetch(f"select id from {crm.entities[entity].tablename} limit 1")
        found[entity] = [ids.encode(entity, rows[0][0] if rows else ids.new())]
    return found


def chosen(crm: TestCrm, root: str, found: dict[str, list[str]]) -> Iterator[Attack]:
    """Give the attacks, field by field, in an order that is random and the same each time."""
    chance = Random(2026)
    made_by_core = {entity.plural for entity in crm.entities.values()} | {e.singular for e in crm.entities.values()}
    fields = [one for one in own_fields(crm.schema.graphql, "compliance") if one[0] == root]
    chance.shuffle(fields)
    for kind, name, field in fields:
        count = sum(1 for _ in attacks(kind, name, field, found))
        of_core = not name.startswith("compliance") or name.removesuffix("GroupBy") in made_by_core
        places = set(chance.sample(range(count), min(SAMPLE, count)) if of_core else range(count))
        # One after the other: what is huge is not kept.
        yield from (one for place, one in enumerate(attacks(kind, name, field, found)) if place in places)


@pytest.mark.parametrize("root", ["query", "mutation"])
@pytest.mark.crm_settings(graphql={"max_fields": 5000, "max_tokens": 20_000})
async def test_nothing_that_a_client_sends_goes_wrong(
    crm: TestCrm, root: str, caplog: pytest.LogCaptureFixture
) -> None:
    """Huge and empty values, what no text or date may be, ids of others and of what is gone, in every argument there is."""
    caplog.set_level(logging.WARNING)
    found = await records(crm)
    sent = 0
    wrong: list[str] = []
    for attack in chosen(crm, root, found):
        sent += 1
        answer = await crm.execute(attack.text, attack.variables)
        if "INTERNAL" in (codes := _codes(answer)) or ("data" not in answer and not codes):
            wrong.append(f"{attack.shown} -> {str(answer)[:300]}")
    await crm.work_off(failed=True)
    raised = [record.getMessage()[:300] for record in caplog.records if record.exc_info]

    assert sent > 800
    assert [] == wrong
    assert [] == raised


def _codes(answer: dict[str, Any]) -> Sequence[str]:
    return [error.get("extensions", {}).get("code", "") for error in answer.get("errors", ())]
