"""A plugin's data: counted, copied, and taken away without a trace."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import Any, ClassVar

import pytest
from piccolo.table import Table

from crmcore import (
    Actor,
    Added,
    After,
    Crm,
    Customizable,
    Entity,
    Event,
    Index,
    Job,
    Permission,
    Record,
    Schedule,
    Work,
    actions,
    after,
    columns,
    fields,
    hookimpl,
    job,
    kinds,
)
from crmcore.errors import SetupError
from crmcore.jobs.scheduler import Scheduler
from crmcore.plugins.removal import copied, purge, traces

_MIGRATION = '''"""Initial: a migration of hornets."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "hornet_nest",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("custom_fields", "json", null=True),
                    Column("label", "text"),
                    Column("size", "bigint", default=0),
                ),
                indexes=(Index(("label",)),),
            )
        )
    ]
)
'''


class HornetNest(Customizable, Record, Table, tablename="hornet_nest"):
    """Where hornets live."""

    label = columns.text("What people call it.")
    size = columns.big_integer("How many live there.", default=0)
    __indexes__: ClassVar[tuple[Index, ...]] = (Index(("label",)),)


@dataclass(frozen=True, kw_only=True)
class HornetsFound(Event, of="customer"):
    """Somebody has hornets."""


@job()
async def count_hornets(run: Any) -> None:
    """Count them."""


async def tell(crm: Crm, event: HornetsFound) -> None:
    """Tell the beekeeper."""


class Hornets:
    """The plugin."""

    plugin_name = "hornets"

    def __init__(self, migrations: Path) -> None:
        self.migrations = migrations

    @hookimpl
    def crm_permissions(self) -> list[Permission]:
        return [Permission("hornets.smoke", "Smoke them out.")]

    @hookimpl
    def crm_entities(self) -> list[Entity]:
        return [Entity(HornetNest, plural="hornetNests", attachable=True, searched=("label",), label="label")]

    @hookimpl
    def crm_fields(self) -> list[Added]:
        return [Added("customer", fields.Expression("hornets", "How many.", kinds.INT, lambda t, dialect: "1"))]

    @hookimpl
    def crm_events(self) -> list[type[Event]]:
        return [HornetsFound]

    @hookimpl
    def crm_handlers(self) -> list[After]:
        return [after(HornetsFound, tell)]

    @hookimpl
    def crm_jobs(self) -> list[Job[Any] | Schedule]:
        return [count_hornets, Schedule(count_hornets(), every=timedelta(days=1))]

    @hookimpl
    def crm_migrations(self) -> Path:
        return self.migrations


@pytest.fixture(scope="module")
def crm_plugins(tmp_path_factory: pytest.TempPathFactory) -> Sequence[object]:
    """The plugin `hornets`."""
    folder = tmp_path_factory.mktemp("migrations")
    (folder / "hornets_0001_initial.py").write_text(_MIGRATION, "utf-8")
    return [Hornets(folder)]


async def everything(crm: Crm) -> None:
    """Leave something of the plugin wherever something can be left, and something of others beside it."""

    async def unit(work: Work) -> None:
        nest = await actions.create(work, "hornet_nest", {"label": "under the roof"})
        gone = await actions.create(work, "hornet_nest", {"label": "in the shed"})
        await actions.delete(work, "hornet_nest", gone["id"])
        ada = await actions.create(work, "customer", {"kind": "PERSON", "given_name": "Ada", "family_name": "L"})
        tag = await actions.create(work, "tag", {"name": "dangerous"})
        for target, of in (("hornet_nest", nest), ("customer", ada)):
            await actions.create(work, "tagging", {"tag_id": tag["id"], "record_id": of["id"], "record_type": target})
        (role,) = await work.find("role", key="viewer")
        for permission in ("hornets.smoke", "hornet_nest:update"):
            await actions.create(work, "role_permission", {"role_id": role["id"], "permission": permission})
        rule = {"role_id": role["id"], "effect": "HIDDEN"}
        await actions.create(work, "field_rule", {**rule, "entity": "customer", "field": "hornets"})
        await actions.create(work, "field_rule", {**rule, "entity": "customer", "field": "birthDate"})
        definition = {"record_type": "hornet_nest", "key": "tree", "label": "Tree", "kind": "TEXT"}
        await actions.create(work, "custom_field_definition", definition)
        await work.emit(work.event(HornetsFound, work.entities["customer"], ada["id"]))
        await work.put(count_hornets(), delay=60)
        for types in (["customer.*", "hornet_nest.*"], ["customer.hornets_found"], ["*"]):
            endpoint = {"url": "https://example.com/hook", "event_types": types, "role_id": role["id"]}
            await actions.create(work, "webhook_endpoint", endpoint)

    await crm.run(Actor.system(), unit)
    await Scheduler(crm, crm.schedules).put_due()
    await crm.database.execute(
        "insert into crm_job_hold (name, why, since, trials, reason) values ('hornets.tell', 'paused', 1, 0, 'Winter.')"
    )


async def count(crm: Crm, table: str, where: str = "1 = 1") -> int:
    """Rows of a table."""
    return int(await crm.database.fetch_value(f"select count(*) from {table} where {where}"))


async def test_what_there_is_of_a_plugin_is_told(crm: Crm) -> None:
    """Work, rights, fields, links, search, history, webhooks, and its tables; nothing of others is counted."""
    await everything(crm)

    found = await traces(crm, "hornets")

    assert [
        "jobs, waiting or ended: 2",
        "schedules: 1",
        "jobs that are held back: 1",
        "permissions in roles: 6",
        "rules about its fields: 1",
        "notes about default roles: 1",
        "custom fields of its records: 1",
        "taggings of its records: 1",
        "entries of search: 2",
        "notes about search: 1",
        "events in the change feed: 4",
        "webhook endpoints that name its events: 2",
        "the table hornet_nest, rows: 2",
        "migrations in the database's record: 1",
    ] == found


async def test_a_purge_leaves_nothing(crm: Crm) -> None:
    """What others have in the same tables stays."""
    await everything(crm)
    events = await count(crm, "crm_event", "entity not like 'hornet%' and type <> 'customer.hornets_found'")

    done = await purge(crm, "hornets")

    assert ["hornets_0001_initial"] == [str(file) for file in done]
    assert [] == await traces(crm, "hornets")
    assert events == await count(crm, "crm_event")
    assert 1 == await count(crm, "tagging")
    assert 1 == await count(crm, "crm_field_rule")
    assert 0 < await count(crm, "crm_role_permission", "permission like 'customer:%'")


async def test_rights_that_are_gone_are_gone_at_once(crm: Crm) -> None:
    """Processes that have compiled rights read them again."""
    await everything(crm)
    before = await crm.database.fetch_value("select revision from crm_access_state")

    await purge(crm, "hornets")

    assert before < await crm.database.fetch_value("select revision from crm_access_state")


async def test_endpoints_without_events_are_switched_off(crm: Crm) -> None:
    """One that is told of others' events too goes on with those; a pattern for everything stays."""
    await everything(crm)

    await purge(crm, "hornets")

    rows = await crm.database.fetch("select event_types, enabled from crm_webhook_endpoint order by id")
    assert [(["customer.*"], True), ([], False), (["*"], True)] == [(json.loads(t), bool(e)) for t, e in rows]


async def test_a_purge_that_was_interrupted_is_done_again(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever was done before is not missed, whatever was not is done now."""
    await everything(crm)

    async def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(crm.migrator, "down", killed)
        with pytest.raises(KeyboardInterrupt):
            await purge(crm, "hornets")
    left = await traces(crm, "hornets")
    await purge(crm, "hornets")

    assert ["the table hornet_nest, rows: 2", "migrations in the database's record: 1"] == left
    assert [] == await traces(crm, "hornets")


async def test_what_cannot_be_taken_back_is_not_begun(crm: Crm, monkeypatch: pytest.MonkeyPatch) -> None:
    """A migration without a way back is told before anything is removed."""
    await everything(crm)
    before = await traces(crm, "hornets")

    async def stuck(*_: object) -> None:
        raise SetupError("migrations-broken", ["It cannot be taken back."])

    monkeypatch.setattr(crm.migrator, "plan_down", stuck)
    with pytest.raises(SetupError, match="cannot be taken back"):
        await purge(crm, "hornets")

    assert before == await traces(crm, "hornets")


async def test_a_plugin_that_comes_back_begins_anew(crm: Crm) -> None:
    """Its tables are made again, and the default roles get their rights again."""
    await everything(crm)
    await purge(crm, "hornets")
    again = crm.like(crm.settings)
    await again.start(migrate="always")
    try:
        assert "the table hornet_nest, rows: 0" in await traces(again, "hornets")
        assert 0 < await count(again, "crm_role_permission", "permission = 'hornet_nest:read'")
    finally:
        await again.stop()


async def test_copies_have_every_row(crm: Crm, tmp_path: Path) -> None:
    """Deleted records too, a JSON object a line, whatever the database; JSON is JSON in it."""
    await everything(crm)

    done = await copied(crm, "hornets", tmp_path / "out")

    rows = [json.loads(line) for line in (tmp_path / "out" / "hornet_nest.jsonl").read_text("utf-8").splitlines()]
    assert {"hornet_nest": 2} == done
    assert [("under the roof", False), ("in the shed", True)] == [(r["label"], bool(r["deleted_at"])) for r in rows]
    assert "SYSTEM" == rows[0]["created_by"]["type"]


async def test_a_long_table_is_copied_page_by_page(crm: Crm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No row is left out or written twice where pages meet."""
    monkeypatch.setattr("crmcore.plugins.removal.copying._PAGE", 3)

    async def unit(work: Work) -> None:
        for number in range(7):
            await actions.create(work, "hornet_nest", {"label": str(number)})

    await crm.run(Actor.system(), unit)
    await copied(crm, "hornets", tmp_path)

    lines = (tmp_path / "hornet_nest.jsonl").read_text("utf-8").splitlines()
    assert list("0123456") == [json.loads(line)["label"] for line in lines]
