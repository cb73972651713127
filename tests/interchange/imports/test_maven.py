"""The example mappings turn files in the shape of the Maven data into a CRM."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from crmcore.access.actor import Actor
from crmcore.app import Crm
from tests.interchange.conftest import Count, Maven


def _counts(report: object) -> dict[str, tuple[int, int, int, int]]:
    return {n: (c.created, c.updated, c.unchanged, c.refused) for n, c in report.records.items()}  # type: ignore[attr-defined]


async def test_agents_get_managers_and_regions(crm: Crm, maven: Maven) -> None:
    """Regions are teams, managers lead teams in them, and everybody is a member of one with a role."""
    report = await maven("agents")
    assert {
        "region": (2, 0, 1, 0),
        "team": (2, 0, 1, 0),
        "manager": (2, 0, 1, 0),
        "agent": (3, 0, 0, 0),
    }.items() <= _counts(report).items()
    answer = await crm.execute(
        '{ teams(filter: { name: { eq: "Team Ines Vogt" } }) { nodes { parent { name } memberships { nodes { user { name roleAssignments { nodes { role { key } } } } } } } } }',
        actor=Actor.system(),
    )
    (team,) = answer["data"]["teams"]["nodes"]
    members = {
        m["user"]["name"]: m["user"]["roleAssignments"]["nodes"][0]["role"]["key"] for m in team["memberships"]["nodes"]
    }
    assert "Central" == team["parent"]["name"]
    assert {"Ines Vogt": "manager", "Ada Prowse": "sales", "Ben Okoro": "sales"} == members


async def test_accounts_are_organisations_with_parents(crm: Crm, maven: Maven) -> None:
    """Spelling is corrected, revenue is exact, and a parent further down in the file is found."""
    report = await maven("accounts")
    assert (3, 0, 0, 0) == _counts(report)["account"]
    answer = await crm.execute(
        "{ customers(orderBy: [{ field: DISPLAY_NAME }]) { nodes { kind displayName industry country annualRevenue { amount currency } employeeBand customFields parent { displayName } externalIds { nodes { system externalId } } } } }",
        actor=Actor.system(),
    )
    altair, lyra, vega = answer["data"]["customers"]["nodes"]
    assert {"amount": "1100040000.00", "currency": "USD"} == lyra["annualRevenue"]
    assert ("technology", "US", "OVER_1000", "Vega") == (
        lyra["industry"],
        lyra["country"],
        lyra["employeeBand"],
        lyra["parent"]["displayName"],
    )
    assert ("PH", "UP_TO_10", None) == (vega["country"], vega["employeeBand"], vega["parent"])
    assert {"employees": 51, "yearEstablished": 2001} == altair["customFields"]
    assert [{"system": "maven", "externalId": "Altair & Söhne"}] == altair["externalIds"]["nodes"]


async def test_deals_stand_where_the_file_says(crm: Crm, maven: Maven) -> None:
    """Every deal is in its stage with its amount, its owner, its team and its customer, if it has one."""
    report = await maven("deals")
    assert (5, 0, 0, 0) == _counts(report)["deal"]
    assert ("engage_quarter", "close_quarter") == report.unused
    answer = await crm.execute(
        "{ deals(orderBy: [{ field: NAME }, { field: ID }]) { nodes { name status stage { name } amount { amount currency } closedAt customer { displayName } owner { name } team { name } lostReason { code } customFields } } }",
        actor=Actor.system(),
    )
    found = {d["name"]: d for d in answer["data"]["deals"]["nodes"]}
    won, lost = found["GTX Pro for Lyra"], found["MG Special for Vega"]
    assert ("WON", "4514.00", "2017-03-01T00:00:00.000000Z") == (
        won["status"],
        won["amount"]["amount"],
        won["closedAt"],
    )
    assert ("Ada Prowse", "Team Ines Vogt", "Lyra") == (
        won["owner"]["name"],
        won["team"]["name"],
        won["customer"]["displayName"],
    )
    assert {"product": "GTX Pro", "series": "GTX", "listPrice": 4821} == won["customFields"]
    assert ("LOST", "unknown") == (lost["status"], lost["lostReason"]["code"])
    assert ("Engaging", None, None) == (
        found["GTX Pro"]["stage"]["name"],
        found["GTX Pro"]["customer"],
        found["GTX Pro"]["amount"],
    )
    assert "Prospecting" == found["MG Special"]["stage"]["name"]


async def test_deals_keep_their_history(crm: Crm, maven: Maven) -> None:
    """Each stay in a stage has its dates, its length and what the deal was worth, days with two moves included."""
    await maven("deals")
    rows = await crm.database.fetch_dicts(
        "select x.external_id, s.name, h.entered_at, h.duration_seconds, h.amount_at, p.name as came_from from deal_stage_change h "
        "join stage s on s.id = h.to_stage_id left join stage p on p.id = h.from_stage_id "
        "join external_id x on x.record_id = h.deal_id order by x.external_id, h.entered_at, s.position"
    )
    told = [(r["external_id"][-1], r["came_from"], r["name"], r["duration_seconds"], r["amount_at"]) for r in rows]
    assert [
        ("1", None, "Engaging", 132 * 86_400, None),
        ("1", "Engaging", "Won", None, 451_400),
        ("2", None, "Engaging", 137 * 86_400, None),
        ("2", "Engaging", "Lost", None, 0),
        ("3", None, "Engaging", None, None),
        ("4", None, "Prospecting", None, None),
        ("5", None, "Engaging", 0, None),
        ("5", "Engaging", "Won", None, 5_500),
    ] == told
    assert "2016-10-20" == str(rows[0]["entered_at"])[:10]


async def test_a_second_import_changes_nothing(crm: Crm, maven: Maven, count: Count) -> None:
    """Nothing is written: no version grows, no row is added, and everything is reported as unchanged."""
    await maven("deals")
    tables = (
        "crm_user",
        "crm_team",
        "customer",
        "deal",
        "deal_stage_change",
        "external_id",
        "stage",
        "custom_field_definition",
        "lifecycle_change",
    )
    before = {t: await crm.database.fetch(f"select id, version, updated_at from {t} order by id") for t in tables}
    for name in ("agents", "accounts", "deals"):
        report = await maven(name, only=True)
        assert {(0, 0)} == {(c.created, c.updated) for c in report.records.values()}
    assert before == {
        t: await crm.database.fetch(f"select id, version, updated_at from {t} order by id") for t in tables
    }


async def test_a_dry_run_reports_everything_and_keeps_nothing(maven: Maven, count: Count) -> None:
    """It counts what would be created, names some of it, and leaves no row behind."""
    report = await maven("accounts", only=True, dry_run=True)
    assert report.dry_run
    assert (3, 0, 0, 0) == _counts(report)["account"]
    assert {"Lyra", "Vega", "Altair & Söhne"} == set(report.records["account"].samples)
    assert 0 == await count("customer") + await count("custom_field_definition") + await count("external_id")


async def test_a_later_file_moves_deals_on(crm: Crm, maven: Maven, files: Path, count: Count) -> None:
    """A deal that was open and is won in a newer file is moved at its date; the others stay as they are."""
    await maven("deals")
    path = files / "sales_pipeline.csv"
    path.write_text(
        path.read_text("utf-8").replace(
            "GTX Pro,,Engaging,03-11-16,,,Q4 2016,", "GTX Pro,Vega,Won,03-11-16,05-01-17,4000,Q4 2016,Q1 2017"
        ),
        "utf-8",
    )
    report = await maven("deals", only=True)
    assert (0, 1, 4, 0) == _counts(report)["deal"]
    (deal,) = await crm.database.fetch_dicts("select * from deal where name = 'GTX Pro for Vega'")
    assert ("WON", 400_000, datetime(2017, 1, 5, tzinfo=UTC)) == (deal["status"], deal["amount"], deal["closed_at"])
    assert 9 == await count("deal_stage_change")
