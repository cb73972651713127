"""Many installed plugins, as an installer leaves them behind: each with an entity, fields, rules, handlers and a job."""

from __future__ import annotations

import compileall
from pathlib import Path
from string import Template

__all__ = ["NAMES", "install"]

#: What the plugins are called.
NAMES = tuple(f"bench{letter}" for letter in "abcdefghijklmnopqrst")

_PLUGIN = Template('''\
"""A plugin of middling size."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum
from pathlib import Path
from typing import Annotated, Any, ClassVar
from uuid import UUID

import msgspec
from piccolo.table import Table

from crmcore import (
    Action, Added, Crm, Entity, Index, Job, Listing, Owned, Permission, Record, Ref, Registered, Row, Run, Timeline, Work,
    action, actions, after, fields, hookimpl, inside, job, kinds,
)
from crmcore import columns as c
from crmcore.customers.events import CustomerCreated, CustomerUpdated


class ${Name}State(Enum):
    """Where a visit stands."""

    PLANNED = "planned"
    DONE = "done"


class ${Name}Visit(Owned, Record, Table, tablename="${name}_visit"):
    """A visit to a customer."""

    customer_id = c.link(
        "customer", "Who was visited.", references="crmcore.customers.tables:Customer", inverse="${name}Visits"
    )
    began_at = c.instant("When it began.")
    minutes = c.integer("How long it took.", null=True, minimum=0)
    state = c.choice(${Name}State, "Where it stands.", default=${Name}State.PLANNED)
    note = c.text("What was said.", null=True, max_length=2000, form="text")
    cost = c.minor_units("What it cost us.", currency="cost_currency", minimum=0)
    cost_currency = c.currency("Currency of the cost.")

    __indexes__: ClassVar[tuple[Index, ...]] = (
        Index(("customer_id", "began_at desc")), Index(("owner_id",)), Index(("team_id",)),
    )


class ${Name}Settings(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """Settings.

    Attributes:

        minutes: how long a visit takes if nobody says.
    """

    minutes: int = 30


async def rules(work: Work, change: Any) -> None:
    """A visit takes as long as usual, unless somebody says so."""
    if change.kind == "create" and change.get("minutes") is None:
        change.values["minutes"] = work.settings[${Name}Settings].minutes


@action(returns="${name}_visit", permission="${name}.close")
async def ${name}_close(work: Work, id: Annotated[UUID, Ref("${name}_visit"), "Which visit."]) -> Row:
    """Say that a visit was made."""
    return await actions.update(work, "${name}_visit", id, {"state": "DONE"})


async def look(work: Work, event: CustomerUpdated) -> None:
    """Look at a change."""


async def greet(crm: Crm, event: CustomerCreated) -> None:
    """Greet somebody new."""


@job()
async def remind(run: Run) -> None:
    """Remind of visits."""


@hookimpl
def crm_settings() -> type[msgspec.Struct]:
    return ${Name}Settings


@hookimpl
def crm_registered() -> Iterable[Registered]:
    return [Registered("interaction_kinds", "${NAME}", "Visit", "A visit.")]


@hookimpl
def crm_permissions() -> Iterable[Permission]:
    return [Permission("${name}.close", "Close a visit.")]


@hookimpl
def crm_entities() -> Iterable[Entity]:
    timeline = (Timeline("${NAME}_VISIT", "A visit.", at="began_at", path=(("customer_id", "customer"),)),)
    return [Entity(${Name}Visit, plural="${name}Visits", prepare=rules, timeline=timeline)]


@hookimpl
def crm_fields() -> Iterable[Added]:
    count = fields.Expression(
        "${name}Count", "How many visits.", kinds.INT,
        lambda t, _: f"(select count(*) from ${name}_visit v where v.customer_id = {t}.id)",
    )
    last = fields.Expression(
        "${name}Last", "When the last visit began.", kinds.INSTANT,
        lambda t, _: f"(select max(v.began_at) from ${name}_visit v where v.customer_id = {t}.id)",
    )
    return [Added("customer", count), Added("customer", last)]


@hookimpl
def crm_migrations() -> Path:
    return Path(__file__).with_name("migrations")


@hookimpl
def crm_actions() -> Iterable[Action[..., Any]]:
    return [${name}_close]


@hookimpl
def crm_graphql() -> Iterable[Listing]:
    return [Listing("${name}Mine", "${name}_visit", "My visits.", lambda t, bind: f"{t}.owner_id = {bind(_me)}")]


def _me(actor: Any) -> Any:
    return actor.user_id


@hookimpl
def crm_handlers() -> Iterable[object]:
    return [inside(CustomerUpdated, look), after(CustomerCreated, greet)]


@hookimpl
def crm_jobs() -> Iterable[Job[...]]:
    return [remind]
''')

_MIGRATION = Template('''\
"""Initial: a migration of ${name}."""

from crmcore.database.migrations import Column, Index, Migration, Table, create_table

migration = Migration(
    operations=[
        create_table(
            Table(
                "${name}_visit",
                (
                    Column("id", "id", primary=True),
                    Column("version", "int", default=1),
                    Column("created_at", "instant"),
                    Column("updated_at", "instant"),
                    Column("created_by", "json"),
                    Column("updated_by", "json"),
                    Column("deleted_at", "instant", null=True),
                    Column("owner_id", "id", null=True, references="crm_user", on_delete="SET NULL"),
                    Column("team_id", "id", null=True, references="crm_team", on_delete="SET NULL"),
                    Column("customer_id", "id", references="customer"),
                    Column("began_at", "instant"),
                    Column("minutes", "int", null=True),
                    Column("state", "enum", default="PLANNED"),
                    Column("note", "text", null=True),
                    Column("cost", "bigint", null=True),
                    Column("cost_currency", "text", null=True),
                ),
                indexes=(
                    Index(("customer_id", "began_at desc")),
                    Index(("owner_id",)),
                    Index(("team_id",)),
                ),
            ),
        ),
    ]
)
''')


def install(folder: Path) -> None:
    """Install the plugins into a folder, to be put on `sys.path` or in `PYTHONPATH`."""
    for name in NAMES:
        words = {"name": name, "Name": name.capitalize(), "NAME": name.upper()}
        migrations = folder / f"crmcore_{name}" / "migrations"
        migrations.mkdir(parents=True)
        (migrations / f"{name}_0001_initial.py").write_text(_MIGRATION.substitute(words), "utf-8")
        (migrations.parent / "__init__.py").write_text("", "utf-8")
        (migrations.parent / "plugin.py").write_text(_PLUGIN.substitute(words), "utf-8")
        record = folder / f"crmcore_{name}-1.0.dist-info"
        record.mkdir()
        (record / "METADATA").write_text(
            f"Metadata-Version: 2.1\nName: crmcore-{name}\nVersion: 1.0\nRequires-Dist: crmcore>=0.1,<0.2\n", "utf-8"
        )
        (record / "entry_points.txt").write_text(f"[crmcore.plugins]\n{name} = crmcore_{name}.plugin\n", "utf-8")
    # As pip does.
    compileall.compile_dir(folder, quiet=1)
