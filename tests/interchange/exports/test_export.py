"""Exports show what the API shows, and can be imported again."""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest

from crmcore.access.actor import Access, Actor, ActorType, Effect, Scope
from crmcore.app import Crm
from crmcore.entities import actions
from crmcore.entities.work import Work
from crmcore.errors import Forbidden, Invalid
from crmcore.interchange import export, import_csv, own_mapping
from tests.interchange.conftest import Maven

SYSTEM = Actor.system()


async def _csv(crm: Crm, entity: str, **options: Any) -> list[dict[str, str]]:
    options.setdefault("actor", SYSTEM)
    target = io.BytesIO()
    await export(crm, entity, target, **options)
    return list(csv.DictReader(io.StringIO(target.getvalue().decode(), newline="")))


async def _make(crm: Crm, entity: str, **values: Any) -> UUID:
    row = await crm.run(SYSTEM, lambda work: actions.create(work, entity, values))
    return UUID(str(row["id"]))


def _actor(user: UUID | None = None, effects: dict[tuple[str, str], Effect] | None = None, **scopes: Scope) -> Actor:
    given = {f"customer:{action}": scope for action, scope in scopes.items()}
    return Actor(ActorType.USER, "user_x", "Sam", user_id=user, access=Access(scopes=given, effects=effects or {}))


async def test_csv_has_a_cell_for_every_field(crm: Crm) -> None:
    """Money is two cells, ids and instants are as in the API, what is empty is empty."""
    await _make(
        crm,
        "customer",
        kind="ORGANIZATION",
        legal_name='上海, "Vega"',
        annual_revenue=123,
        annual_revenue_currency="JPY",
    )
    (row,) = await _csv(crm, "customer")
    assert ("ORGANIZATION", '上海, "Vega"', "123", "JPY", "") == tuple(
        row[n] for n in ("kind", "displayName", "annualRevenue.amount", "annualRevenue.currency", "parentId")
    )
    assert row["id"].startswith("customer_")
    assert row["createdAt"].endswith("Z")
    assert "false" == row["doNotCall"]


@pytest.mark.parametrize("text", ["=1+1", "+49 30 1", "-2", "@x", "\tx", "'=1", "plain", "it's"])
async def test_texts_that_look_like_formulas_are_guarded(crm: Crm, tmp_path: Path, text: str) -> None:
    """A spreadsheet sees a text, and importing the file gives back exactly what was there."""
    await _make(crm, "customer", kind="PERSON", display_name="A", description=text)
    (row,) = await _csv(crm, "customer", fields=["id", "description"])
    assert not row["description"].startswith(("=", "+", "-", "@", "\t"))
    with (tmp_path / "c.csv").open("wb") as target:
        await export(crm, "customer", target, actor=SYSTEM, fields=["id", "description"])
    report = await import_csv(
        crm, own_mapping(crm.entities, "customer", tmp_path / "c.csv"), tmp_path / "c.csv", actor=SYSTEM
    )
    assert (1, 0, 0) == (report.records["customer"].unchanged, report.records["customer"].updated, report.refused)


async def test_json_lines_are_what_the_api_shows(crm: Crm) -> None:
    """One object a line, in the order of the fields asked for."""
    id = await _make(
        crm, "customer", kind="ORGANIZATION", legal_name="Söhne", annual_revenue=123, annual_revenue_currency="EUR"
    )
    target = io.BytesIO()
    assert 1 == await export(
        crm,
        "customer",
        target,
        actor=SYSTEM,
        format="jsonl",
        fields=["displayName", "annualRevenue", "id", "createdBy"],
    )
    expected = {
        "displayName": "Söhne",
        "annualRevenue": {"amount": "1.23", "currency": "EUR"},
        "id": f"customer_{id}",
        "createdBy": {"type": "SYSTEM", "actorId": None, "label": "crmcore"},
    }
    assert json.dumps(expected, ensure_ascii=False) + "\n" == target.getvalue().decode()


@pytest.mark.parametrize(
    "entity",
    [
        "customer",
        "deal",
        "external_id",
        "stage",
        "pipeline",
        "user",
        "team",
        "team_membership",
        "custom_field_definition",
        "role_permission",
    ],
)
async def test_an_export_imported_again_changes_nothing(crm: Crm, maven: Maven, tmp_path: Path, entity: str) -> None:
    """Every record is found by its id and left as it is."""
    await maven("deals")
    path = tmp_path / "export.csv"
    with path.open("wb") as target:
        count = await export(crm, entity, target, actor=SYSTEM)
    before = await crm.database.fetch(
        f"select id, version, updated_at from {crm.entities[entity].tablename} order by id"
    )
    report = await import_csv(crm, own_mapping(crm.entities, entity, path), path, actor=SYSTEM)
    assert (count, 0, 0) == (report.records[entity].unchanged, report.records[entity].updated, report.refused), (
        report.first_refusals
    )
    assert before == await crm.database.fetch(
        f"select id, version, updated_at from {crm.entities[entity].tablename} order by id"
    )


async def test_an_export_can_be_edited_and_imported(crm: Crm, maven: Maven, tmp_path: Path) -> None:
    """What was edited in the file changes, and nothing else."""
    await maven("accounts")
    path = tmp_path / "export.csv"
    with path.open("wb") as target:
        await export(crm, "customer", target, actor=SYSTEM, fields=["id", "industry", "annualRevenue"])
    path.write_text(path.read_text("utf-8").replace("medical", "health care"), "utf-8")
    report = await import_csv(crm, own_mapping(crm.entities, "customer", path), path, actor=SYSTEM)
    assert (1, 2) == (report.records["customer"].updated, report.records["customer"].unchanged)
    assert 1 == len(await _csv(crm, "customer", filter={"industry": {"eq": "health care"}}))


async def test_all_pages_are_written_oldest_first(crm: Crm) -> None:
    """More records than a page holds, each once; progress ends with all of them."""
    count = crm.settings.pages.maximum + 5

    async def many(work: Work) -> None:
        for n in range(count):
            await actions.create(work, "customer", {"kind": "PERSON", "display_name": f"P{n:04}"})

    await crm.run(SYSTEM, many)
    told: list[tuple[int, int]] = []
    rows = await _csv(crm, "customer", fields=["displayName"], progress=lambda done, total: told.append((done, total)))
    assert [f"P{n:04}" for n in range(count)] == [row["displayName"] for row in rows]
    assert (count, count) == told[-1]


async def test_the_right_to_export_is_needed(crm: Crm) -> None:
    """Reading is not exporting."""
    with pytest.raises(Forbidden, match="may not export customers"):
        await _csv(crm, "customer", actor=_actor(read=Scope.ALL))


async def test_rows_are_those_that_may_be_read_and_exported(crm: Crm) -> None:
    """The narrower of the two rights counts, for what hangs on the record as well."""
    user = await _make(crm, "user", name="Sam")
    own = await _make(crm, "customer", kind="PERSON", display_name="Mine", owner_id=user)
    other = await _make(crm, "customer", kind="PERSON", display_name="Other")
    for customer in (own, other):
        await _make(crm, "contact_point", customer_id=customer, type="EMAIL", value="a@example.com")
    for scopes in ({"read": Scope.OWN, "export": Scope.ALL}, {"read": Scope.ALL, "export": Scope.OWN}):
        actor = _actor(user, **scopes)
        assert ["Mine"] == [row["displayName"] for row in await _csv(crm, "customer", actor=actor)]
        assert [f"customer_{own}"] == [row["customerId"] for row in await _csv(crm, "contact_point", actor=actor)]


async def test_hidden_and_masked_fields_are_left_out(crm: Crm) -> None:
    """Asked for by name they are as the API shows them, and filtering by them is refused."""
    await _make(crm, "customer", kind="ORGANIZATION", legal_name="Vega", industry="retail", tax_id="SECRET")
    effects = {
        ("customer", "taxId"): Effect.MASKED,
        ("customer", "industry"): Effect.HIDDEN,
        ("customer", "legalName"): Effect.READ_ONLY,
    }
    actor = _actor(None, effects, read=Scope.ALL, export=Scope.ALL)
    (row,) = await _csv(crm, "customer", actor=actor)
    assert not {"taxId", "industry"} & row.keys()
    assert "Vega" == row["legalName"]
    (row,) = await _csv(crm, "customer", actor=actor, fields=["taxId", "industry"])
    assert ("****", "") == (row["taxId"], row["industry"])
    with pytest.raises(Forbidden):
        await _csv(crm, "customer", actor=actor, filter={"industry": {"eq": "retail"}})


async def test_what_cannot_be_exported_is_named(crm: Crm) -> None:
    """Unknown entities, fields and filters are refused with what there is."""
    with pytest.raises(Invalid, match="There is no entity 'custommer'"):
        await _csv(crm, "custommer")
    with pytest.raises(Invalid, match="did you mean displayName") as refused:
        await _csv(crm, "customer", fields=["displayname", "deals"])
    assert 2 == len(refused.value.violations)
    with pytest.raises(Invalid):
        await _csv(crm, "customer", filter={"nonsense": 1})
