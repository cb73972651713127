"""A CRM from its start to its stop: units of work, what they tell, and where it refuses."""

from __future__ import annotations

import asyncio
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from types import ModuleType
from typing import Any

import httpx
import pytest

from crmcore import Actor, Crm, Row, Settings, Work, actions, errors, hookimpl
from crmcore.database import Contention
from crmcore.errors import SetupError, Unavailable
from crmcore.testing.moulds import Mould
from tests.plugins import (
    with_commands,
    with_entity,
    with_field,
    with_graphql,
    with_handlers,
    with_life,
    with_permission,
    with_registered,
    with_routes,
    with_settings,
)
from tests.plugins.with_settings import WeatherSettings

SYSTEM = Actor.system()


@pytest.fixture(scope="session")
def crm_plugins() -> Sequence[object]:
    """One plugin for each thing a plugin can do, all at once."""
    return [
        with_commands,
        with_entity,
        with_field,
        with_graphql,
        with_handlers,
        with_life,
        with_permission,
        with_registered,
        with_routes,
        with_settings,
    ]


@pytest.fixture(autouse=True)
def quiet(request: pytest.FixtureRequest, crm_mould: Callable[[str], Mould]) -> None:
    """Plugins that remember things forget them before each test, the making of the mould included."""
    if "crm" in request.fixturenames:
        crm_mould(request.getfixturevalue("crm_dialect"))
    with_handlers.heard.clear()
    with_life.told.clear()


async def customer(work: Work, name: str = "Ada Lovelace", **more: Any) -> Row:
    """Make a customer."""
    return await actions.create(work, "customer", {"kind": "ORGANIZATION", "display_name": name, **more})


async def test_a_query_is_answered(crm: Crm) -> None:
    """A started CRM answers GraphQL from its database."""
    await crm.run(SYSTEM, customer)

    answer = await crm.execute("{ customers { nodes { displayName } totalCount } }", actor=SYSTEM)

    assert {"data": {"customers": {"nodes": [{"displayName": "Ada Lovelace"}], "totalCount": 1}}} == answer


async def test_a_mutation_is_answered(crm: Crm) -> None:
    """A mutation writes, and its payload is read back."""
    answer = await crm.execute(
        "mutation ($data: CreateCustomerInput!) { createCustomer(data: $data) { ... on Customer { displayName version } } }",
        {"data": {"kind": "ORGANIZATION", "displayName": "Ünïcøde 株式会社"}},
        actor=SYSTEM,
    )

    assert {"data": {"createCustomer": {"displayName": "Ünïcøde 株式会社", "version": 1}}} == answer


async def _forget_jobs(crm: Crm) -> None:
    """Drop the jobs of what a new CRM makes for itself."""
    await crm.database.execute("delete from crm_job")


class TestRun:
    """Units of work."""

    async def test_what_is_refused_leaves_nothing(self, crm: Crm) -> None:
        """A unit that raises is undone altogether."""

        async def unit(work: Work) -> None:
            await customer(work)
            msg = "No."
            raise errors.Conflict(msg)

        with pytest.raises(errors.Conflict):
            await crm.run(SYSTEM, unit)

        assert 0 == await crm.database.fetch_value("select count(*) from customer")

    async def test_inside_and_after(self, crm: Crm) -> None:
        """An inside-handler runs in the transaction, an after-handler when it is over and a worker comes to it."""
        await _forget_jobs(crm)
        await crm.run(SYSTEM, customer)

        assert "inside customer in transaction True" == with_handlers.heard[0]
        assert [] == [line for line in with_handlers.heard if line.startswith("after")]
        await crm.jobs.run_due()
        assert "after customer in transaction False" in with_handlers.heard

    async def test_an_inside_handler_may_veto(self, crm: Crm) -> None:
        """What an inside-handler raises undoes the change, and no after-handler hears of it."""
        await _forget_jobs(crm)
        with pytest.raises(errors.Invalid, match="Somebody must have another name"):
            await crm.run(SYSTEM, lambda work: customer(work, "Nobody"))

        assert 0 == await crm.database.fetch_value("select count(*) from customer")
        assert 0 == await crm.database.fetch_value("select count(*) from crm_job")

    async def test_an_after_handler_that_fails_harms_nobody(self, crm: Crm, caplog: pytest.LogCaptureFixture) -> None:
        """The caller has its result, the other handlers are told, and the log names the handler."""
        await _forget_jobs(crm)
        row = await crm.run(SYSTEM, customer)
        await crm.jobs.run_due()

        assert "Ada Lovelace" == row["display_name"]
        assert "after customer in transaction False" in with_handlers.heard
        assert "The job ears.fail" in caplog.text

    async def test_a_unit_is_repeated_when_the_database_asks(self, crm: Crm) -> None:
        """A unit that lost against another transaction runs again, in a transaction of its own, with its events new."""
        tries: list[int] = []

        async def unit(work: Work) -> Row:
            tries.append(len(work.events))
            row = await customer(work, f"Try {len(tries)}")
            if len(tries) == 1:
                msg = "Another transaction got in the way."
                raise Contention(msg)
            return row

        await crm.run(SYSTEM, unit)

        assert [0, 0] == tries
        assert [("Try 2",)] == await crm.database.fetch("select display_name from customer")

    async def test_a_run_inside_a_run_is_a_mistake(self, crm: Crm) -> None:
        """Its events would be told before the outer commit; the message says what to use instead."""

        async def unit(work: Work) -> None:
            await crm.run(SYSTEM, customer)

        with pytest.raises(RuntimeError, match=r"inside a transaction.*Use the Work at hand"):
            await crm.run(SYSTEM, unit)

    async def test_events_say_which_request_and_key(self, crm: Crm) -> None:
        """A unit of work knows the request and the key a client gave, and its events carry them."""

        async def unit(work: Work) -> Any:
            await customer(work)
            return work.events[0]

        event = await crm.run(SYSTEM, unit, request_id="r-1", idempotency_key="k-1")

        assert ("r-1", "k-1") == (event.request_id, event.idempotency_key)


class TestCapabilities:
    """Each thing a plugin can do, done by a plugin of `tests/plugins`."""

    async def test_entity(self, crm: Crm) -> None:
        """A plugin's entity has API, relations in both directions and actions."""
        mine = await crm.run(SYSTEM, customer)
        await crm.run(SYSTEM, lambda work: actions.create(work, "tray", {"name": "A", "customer_id": mine["id"]}))

        answer = await crm.execute(
            "{ customers { nodes { trays { nodes { name customer { displayName } } } } } }", actor=SYSTEM
        )

        trays = [{"name": "A", "customer": {"displayName": "Ada Lovelace"}}]
        assert {"data": {"customers": {"nodes": [{"trays": {"nodes": trays}}]}}} == answer

    async def test_table(self, crm: Crm) -> None:
        """A plugin's own table is there, and no part of the API."""
        await crm.database.execute(
            "insert into tray_dust (id, grams) values ('0190aaaa-0000-7000-8000-000000000000', 3)"
        )

        assert 3 == await crm.database.fetch_value("select grams from tray_dust")
        assert "traydust" not in crm.schema.as_str().lower()

    async def test_field(self, crm: Crm) -> None:
        """A field that the database computes is read in the same statement as the rest."""
        await crm.run(SYSTEM, customer)

        answer = await crm.execute("{ customers { nodes { lettersInId } } }", actor=SYSTEM)

        assert {"data": {"customers": {"nodes": [{"lettersInId": 36}]}}} == answer

    async def test_query_and_list(self, crm: Crm) -> None:
        """A plain resolver and a planned list stand side by side in one query."""
        await crm.run(SYSTEM, customer)

        answer = await crm.execute('{ echo(text: "hi") echoMine { totalCount } }', actor=SYSTEM)

        assert {"data": {"echo": "hi", "echoMine": {"totalCount": 0}}} == answer

    async def test_registered(self, crm: Crm) -> None:
        """A plugin's channel counts as the core's own do."""
        assert {"PIGEON", "EMAIL"} <= set(crm.registries.keys("interaction_channels"))
        assert "pigeons" == crm.registries.member("interaction_channels", "PIGEON").plugin

    async def test_permission(self, crm: Crm) -> None:
        """A plugin's permission is known, and demanded by its action."""
        assert "stamps" == crm.permissions["stamps.use"].plugin
        mine = await crm.run(SYSTEM, customer)
        nobody = Actor(SYSTEM.type, None, "Nobody")

        with pytest.raises(errors.Forbidden, match=r"Nobody lacks the permission stamps\.use"):
            await crm.run(nobody, lambda work: with_permission.stamps_look(work, mine["id"]))

    async def test_settings(self, crm: Crm) -> None:
        """A plugin reads its settings by their class."""
        assert WeatherSettings("Vienna") == crm.settings[WeatherSettings]

    @pytest.mark.crm_settings(plugins={"weather": {"city": "Suzhou"}})
    async def test_settings_of_a_test(self, crm: Crm) -> None:
        """The marker crm_settings gives one test other settings."""
        assert "Suzhou" == crm.settings[WeatherSettings].city

    async def test_routes(self, crm: Crm) -> None:
        """A plugin's handler answers below /plugins/NAME."""
        async with httpx.AsyncClient(transport=httpx.ASGITransport(crm.asgi()), base_url="http://crm.test") as client:
            answer = await client.get("/plugins/doors/knock")

        assert (200, "who is there?") == (answer.status_code, answer.text)

    def test_commands(self, crm_model: Crm) -> None:
        """A plugin's commands are known by its name."""
        assert ["ring"] == [
            c.name for name, commands in crm_model.plugins.commands() for c in commands if name == "bells"
        ]

    async def test_life(self, crm: Crm) -> None:
        """A plugin is told when the CRM starts and when it stops."""
        await crm.stop()

        assert ["on", "off"] == with_life.told


class TestLife:
    """Start and stop."""

    async def test_start_refuses_on_pending_migrations(self, crm_model: Crm, database_url: str) -> None:
        """An empty database is not served; the message has the command to run."""
        with pytest.raises(SetupError, match="run `crm migrate`") as caught:
            await crm_model.like(Settings(database=database_url)).start()

        assert "migrations-pending" == caught.value.code

    @pytest.mark.parametrize("migrate", ["new", "always"])
    async def test_start_may_migrate(self, crm_model: Crm, database_url: str, migrate: Any) -> None:
        """Told to, it brings an empty database into shape; declared and real tables then agree."""
        crm = crm_model.like(Settings(database=database_url))
        await crm.start(migrate=migrate)
        try:
            assert [] == await crm.migrator.drift()
        finally:
            await crm.stop()

    async def test_start_of_a_database_that_is_not_new(self, crm_model: Crm, database_url: str) -> None:
        """A database that lacks only some migrations is never changed unasked."""
        crm = crm_model.like(Settings(database=database_url))
        await crm.start(migrate="new")
        await crm.migrator.down("trays", None)
        await crm.stop()

        with pytest.raises(SetupError, match=r"lacks the migrations trays_0001_initial; run `crm migrate`"):
            await crm_model.like(Settings(database=database_url)).start(migrate="new")

    async def test_start_and_stop_twice(self, crm: Crm) -> None:
        """Starting what runs, and stopping what does not, changes nothing."""
        await crm.start()
        await crm.stop()
        await crm.stop()

        assert ["on", "off"] == with_life.told

    async def test_a_plugin_that_cannot_start_stops_the_start(self, crm: Crm) -> None:
        """The plugins that had started close again, the database too, and the exception is the plugin's own."""
        await crm.stop()
        with_life.told.clear()

        async def crm_startup(crm: Crm) -> None:
            msg = "no electricity"
            raise RuntimeError(msg)

        broken = ModuleType("zzz")
        broken.__dict__.update(plugin_name="zzz", crm_startup=hookimpl(crm_startup))
        other = Crm(Settings(database=crm.settings.database), plugins=[with_entity, with_life, broken], installed=False)

        with pytest.raises(RuntimeError, match="no electricity"):
            await other.start()

        assert (["on", "off"], False) == (with_life.told, other.started)

    async def test_plugins_stop_in_reverse_order(self, crm: Crm) -> None:
        """A plugin stops before those it requires."""
        await crm.stop()
        with_life.told.clear()

        async def crm_shutdown() -> None:
            with_life.told.append("later off")

        later = ModuleType("zzz")
        later.__dict__.update(plugin_name="zzz", crm_shutdown=hookimpl(crm_shutdown))
        async with Crm(
            Settings(database=crm.settings.database), plugins=[with_entity, with_life, later], installed=False
        ):
            pass

        assert ["on", "later off", "off"] == with_life.told

    async def test_a_plugin_that_cannot_stop_harms_no_other(self, crm: Crm, caplog: pytest.LogCaptureFixture) -> None:
        """Every plugin's shutdown runs, whatever another's raised."""
        await crm.stop()
        with_life.told.clear()

        async def crm_shutdown() -> None:
            msg = "stuck"
            raise RuntimeError(msg)

        stuck = ModuleType("zzz")
        stuck.__dict__.update(plugin_name="zzz", crm_shutdown=hookimpl(crm_shutdown))
        async with Crm(
            Settings(database=crm.settings.database), plugins=[with_entity, with_life, stuck], installed=False
        ):
            pass

        assert ["on", "off"] == with_life.told
        assert "Plugin 'zzz' (given to Crm) failed in crm_shutdown" in caplog.text

    async def test_a_stop_that_is_cancelled_closes_the_database(self, crm: Crm) -> None:
        """However a stop ends, no connection stays open."""

        async def crm_shutdown() -> None:
            raise asyncio.CancelledError

        hasty = ModuleType("hasty")
        hasty.__dict__.update(plugin_name="hasty", crm_shutdown=hookimpl(crm_shutdown))
        running = Crm(
            Settings(database=crm.settings.database), plugins=[with_entity, with_life, hasty], installed=False
        )
        await running.start()
        with pytest.raises(asyncio.CancelledError):
            await running.stop()

        with pytest.raises(Unavailable, match="closed"):
            await running.database.fetch_value("select 1")

    def test_a_database_url_that_is_none(self) -> None:
        """The database's URL is checked with all the rest, before anything is opened."""
        with pytest.raises(SetupError) as caught:
            Crm(Settings(database="mysql://x", plugins={"nothing": {}}), installed=False)

        assert 2 == len(caught.value.problems)


def test_import_is_light() -> None:
    """`import crmcore` loads neither Strawberry nor Litestar nor Piccolo, and every public name can be had."""
    code = (
        "import crmcore, sys; heavy = {'strawberry', 'litestar', 'piccolo', 'asyncpg', 'pydantic'} & set(sys.modules); "
        "assert not heavy, heavy; [getattr(crmcore, name) for name in crmcore.__all__]"
    )

    subprocess.run([sys.executable, "-c", code], check=True, cwd=Path(__file__).parent.parent)


def test_public_names_are_as_the_type_checker_sees_them() -> None:
    """The names loaded on demand, those for type checkers and `__all__` are the same."""
    import ast

    import crmcore

    tree = ast.parse(Path(crmcore.__file__).read_text("utf-8"))
    block = next(node for node in tree.body if isinstance(node, ast.If))
    typed = {
        (f"{node.module}", name.name) for node in block.body if isinstance(node, ast.ImportFrom) for name in node.names
    }
    homes = {(home, name) for name, home in crmcore._HOME_OF.items()}
    homes |= {(module.rpartition(".")[0], name) for name, module in crmcore._MODULES.items()}

    assert typed == homes
    assert {"__version__", *(name for _, name in homes)} == set(crmcore.__all__)


def test_the_version_is_the_distributions() -> None:
    """Requirements of plugins are checked against the version that pip knows."""
    import tomllib

    import crmcore

    project = tomllib.loads((Path(__file__).parent.parent / "pyproject.toml").read_text("utf-8"))

    assert project["project"]["version"] == crmcore.__version__


@pytest.mark.parametrize(
    ("database", "replica"),
    [("sqlite:///crm.db", "postgresql://u@h/crm"), ("postgresql://u@h/crm", "sqlite:///crm.db")],
)
def test_only_postgresql_has_a_replica(database: str, replica: str) -> None:
    """Told before anything is opened."""
    with pytest.raises(SetupError, match="The setting replica is for PostgreSQL"):
        Crm(Settings(database=database, replica=replica), installed=False)


def test_a_replica_is_made_of_the_setting() -> None:
    """Queries are read there; it is not opened before the start."""
    settings = Settings(database="postgresql://u@h/crm", replica="postgresql://u@copy/crm")
    database = Crm(settings, installed=False).database
    assert database.reads is database.replica is not None
