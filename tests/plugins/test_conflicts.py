"""Names begin with their plugin's, nothing is given twice, and what is spoken of exists."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Annotated, Any
from uuid import UUID

import click
import pytest
import strawberry
from piccolo.columns import Text
from piccolo.table import Table

from crmcore import (
    Added,
    Entity,
    Key,
    Listing,
    Permission,
    Record,
    Ref,
    Registered,
    Row,
    Settings,
    Work,
    action,
    columns,
    extend,
    fields,
    kinds,
)
from crmcore.cli.group import COMMANDS
from crmcore.errors import SetupError
from crmcore.plugins import load_plugins
from crmcore.plugins.names import BUILT_IN, RESERVED, belongs, example
from crmcore.plugins.plugin import Plugin
from tests.plugins import with_registered
from tests.plugins.conftest import made, refused

TASKS = Plugin("tasks", None)


class Weed(Record, Table, tablename="weed"):
    """A plant nobody planted."""

    name = columns.text("Its name.")


class Flower(Record, Table, tablename="flower"):
    """A plant of others."""

    customer_id = columns.link("customer", "Whose.", references=Weed, inverse="flowers")


class Bare(Table, tablename="weed_bare"):
    name = Text()


@action(returns="customer")
async def pull(work: Work, id: Annotated[UUID, Ref("customer"), "Which."]) -> Row:
    """Pull it out."""
    return await work.get("customer", id)


@action(returns="weed_of_nobody")
async def weeds_pull(work: Work, id: Annotated[UUID, Ref("custmer"), "Which."]) -> Row:
    """Pull it out."""
    return await work.get("customer", id)


@strawberry.field(description="What it is.")
def score() -> int:
    return 1


@strawberry.field
def weeds_score():  # type: ignore[no-untyped-def]
    return 1


async def weeds_score_action(work: Work) -> Row:
    """Score."""
    raise NotImplementedError


weeds_score_action.__name__ = "weeds_score"


@strawberry.input
class Seeds:
    """What is sown."""

    count: int


def no_rows(t: str, bind: Any) -> str:
    """A condition no row fulfils."""
    return "1 = 0"


def number(name: str) -> fields.Expression:
    """A field with a number."""
    return fields.Expression(name, "A number.", kinds.INT, lambda t, dialect: "1")


@pytest.mark.parametrize(
    ("name", "joint", "fits"),
    [
        ("tasks", "", True),
        ("tasksMyDay", "", True),
        ("taskComplete", "", True),
        ("Task", "", True),
        ("TaskItem", "", True),
        ("taskless", "", False),
        ("myTasks", "", False),
        ("task", "_", True),
        ("task_item", "_", True),
        ("tasks_item", "_", True),
        ("taskitem", "_", False),
        ("tasks.assign", ".", True),
        ("assign", ".", False),
    ],
)
def test_what_begins_with_a_plugins_name(name: str, joint: str, fits: bool) -> None:
    """A name carries the plugin's, with or without the plural's s, and ends a word there."""
    assert fits is belongs(TASKS, name, joint)


def test_built_in_plugins_are_free() -> None:
    """The core's own names need no prefix."""
    assert belongs(Plugin("pipelines", None, builtin=True), "Deal")


@pytest.mark.parametrize(
    ("name", "joint", "better"), [("score", "", "tasksScore"), ("Score", "", "TasksScore"), ("x", ".", "tasks.x")]
)
def test_a_better_name(name: str, joint: str, better: str) -> None:
    """The message offers a name that would do."""
    assert better == example(TASKS, name, joint)


@pytest.mark.parametrize(
    ("hook", "answer", "said"),
    [
        (
            "crm_permissions",
            Permission("pull", "…"),
            "declares the permission 'pull'; name it for example 'weeds.pull'",
        ),
        ("crm_actions", pull, "declares the action 'pull'; name it for example 'weedsPull'"),
        (
            "crm_entities",
            Entity(Flower, "weedFlowers"),
            "declares the entity 'Flower'; name it for example 'WeedsFlower'",
        ),
        (
            "crm_entities",
            Entity(Flower, "weedFlowers"),
            "declares the table 'flower'; name it for example 'weeds_flower'",
        ),
        (
            "crm_entities",
            Entity(Weed, "plants"),
            "declares an entity with the root field 'plants'; name it for example 'weedsPlants'",
        ),
        ("crm_tables", Flower, "declares the table 'flower'; name it for example 'weeds_flower'"),
        (
            "crm_fields",
            Added("customer", number("score")),
            "adds Customer.score; name it for example 'weedsScore'",
        ),
        ("crm_graphql", extend("Query", score), "adds Query.score; name it for example 'weedsScore'"),
        ("crm_graphql", extend("Customer", score), "adds Customer.score; name it for example 'weedsScore'"),
        (
            "crm_graphql",
            Listing("worst", "customer", "…", no_rows),
            "adds the list 'worst'; name it for example 'weedsWorst'",
        ),
        ("crm_graphql", Seeds, "declares the type 'Seeds'; name it for example 'WeedsSeeds'"),
    ],
)
def test_a_name_without_the_plugins(hook: str, answer: Any, said: str) -> None:
    """Whatever a plugin adds begins with its name, so that plugins cannot collide."""
    problems = refused(made(**{hook: lambda: [answer]}))

    assert f"Plugin 'weeds' (given to Crm) {said}, so that plugins cannot collide." in problems


def test_a_relation_without_the_plugins_name(tmp_path: Path) -> None:
    """The relation a link gives to somebody else's entity carries the plugin's name too."""

    class WeedPatch(Record, Table, tablename="weed_patch"):
        """Where weeds are."""

        customer_id = columns.link("customer", "Whose.", references=Weed, inverse="patches")
        weed_id = columns.link("weed", "Which.", references=Weed, inverse="patches")

    entities = [Entity(WeedPatch, "weedPatches"), Entity(Weed, "weeds")]

    assert [
        "Plugin 'weeds' (given to Crm) adds Customer.patches; name it for example 'weedsPatches', so that plugins cannot collide."
    ] == refused(made(crm_entities=giving(entities), crm_migrations=giving(tmp_path)))


def test_a_migration_without_the_plugins_name(tmp_path: Path) -> None:
    """All plugins' migrations are kept in one list, so their names begin with the plugin's."""
    (tmp_path / "0001_first.py").touch()

    (problem,) = refused(made(crm_migrations=lambda: tmp_path))

    assert "0001_first.py is no migration of plugin 'weeds'; call it weeds_0001_title.py" in problem


def test_tables_without_migrations() -> None:
    """A table that no migration makes would be missed at the first request."""
    assert [
        "Plugin 'weeds' (given to Crm) declares tables and no migrations that make them; implement crm_migrations."
    ] == (refused(made(crm_entities=lambda: [Entity(Weed, "weeds")])))


def giving(answer: Any) -> Callable[[], Any]:
    """A hook that gives an answer."""
    return lambda: answer


@pytest.mark.parametrize(
    ("answers", "said"),
    [
        (
            {"crm_permissions": [Permission("weeds.x", "…")] * 2},
            "declares the permission 'weeds.x' twice; remove one.",
        ),
        (
            {"crm_graphql": [extend("Query", weeds_score)] * 2},
            "adds to Query the field 'weedsScore' twice; remove one.",
        ),
        (
            {"crm_graphql": [extend("Customer", weeds_score)], "crm_fields": [Added("customer", number("weedsScore"))]},
            "adds to Customer the field 'weedsScore' twice; remove one.",
        ),
        (
            {
                "crm_graphql": [extend("Mutation", weeds_score)],
                "crm_actions": [action(returns="customer")(weeds_score_action)],
            },
            "adds to Mutation the field 'weedsScore' twice; remove one.",
        ),
    ],
)
def test_something_given_twice(answers: dict[str, list[Any]], said: str) -> None:
    """Nothing has two meanings: what is given twice is told."""
    problems = refused(made(**{hook: giving(answer) for hook, answer in answers.items()}))

    assert f"Plugin 'weeds' (given to Crm) {said}" in problems


def test_two_plugins_that_want_one_name() -> None:
    """Both parties of a conflict are named."""
    one = made("weed", crm_graphql=lambda: [Listing("weedList", "customer", "…", no_rows)])
    other = made("weeds", crm_graphql=lambda: [Listing("weedList", "customer", "…", no_rows)])

    assert [
        "Plugin 'weed' (given to Crm) adds the list 'weedList', and plugin 'weeds' (given to Crm) adds the list 'weedList'; rename one."
    ] == refused(one, other)


def test_a_key_registered_twice() -> None:
    """A kind of interaction cannot be registered by two plugins."""
    other = made(crm_registered=lambda: [Registered("interaction_channels", "PIGEON", "Dove", "…")])

    assert ["Plugins 'pigeons' and 'weeds' both register 'PIGEON' in 'interaction_channels'; rename one."] == (
        refused(with_registered, other)
    )


def test_a_set_that_does_not_exist() -> None:
    """Registering in an open set that no column names is a typo."""
    other = made(crm_registered=lambda: [Registered("interaction_chanels", "PIGEON", "Dove", "…")])

    assert [
        "Plugin 'weeds' registers 'PIGEON' in 'interaction_chanels', which no column names; did you mean 'interaction_channels'?"
    ] == refused(other)


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        (
            extend("Custommer", weeds_score),
            "adds 'weedsScore' to Custommer, which cannot be added to; did you mean Customer?",
        ),
        (extend(Seeds, weeds_score), "adds 'weedsScore' to the input type Seeds; only output types can be added to."),
        (extend("Query", weeds_score), "adds Query.weedsScore without a description"),
        (extend("Query", weeds_score), "adds Query.weedsScore without a return type; annotate its resolver."),
    ],
)
def test_a_field_that_cannot_be_added(answer: Any, said: str) -> None:
    """A field needs a type that exists and is an output type, a description and a return type."""
    assert any(f"Plugin 'weeds' (given to Crm) {said}" in p for p in refused(made(crm_graphql=lambda: [answer])))


def test_entities_that_nobody_declares() -> None:
    """Actions and lists speak of entities that exist."""
    plugin = made(
        crm_actions=lambda: [weeds_pull], crm_graphql=lambda: [Listing("weedsWorst", "pipelin", "…", no_rows)]
    )

    assert {
        "Plugin 'weeds' (given to Crm): the list weedsWorst speaks of the entity 'pipelin'; did you mean pipeline?",
        "Plugin 'weeds' (given to Crm): the action weedsPull(id) speaks of the entity 'custmer'; did you mean customer?",
    } < set(refused(plugin))


@pytest.mark.parametrize(
    ("entity", "said"),
    [
        (
            Entity(Weed, "weeds", label="nam"),
            "the entity weed names the column 'nam', which Weed does not have; correct it.",
        ),
        (Entity(Weed, "weeds", keys=(Key("NAME", ("nam",)),)), "the entity weed names the column 'nam'"),
        (Entity(Bare, "weedBares"), "is a bare Piccolo column"),
    ],
)
def test_an_entity_that_is_not_whole(entity: Entity, said: str) -> None:
    """An entity names columns that exist, made with crmcore.columns."""
    assert any(said in p for p in refused(made(crm_entities=lambda: [entity])))


def test_an_entity_without_docstring(tmp_path: Path) -> None:
    """The docstring is the description of the type."""

    class WeedKiller(Record, Table, tablename="weed_killer"):
        pass

    plugin = made(crm_entities=lambda: [Entity(WeedKiller, "weedKillers")], crm_migrations=lambda: tmp_path)

    assert [
        "Plugin 'weeds' (given to Crm): the table WeedKiller has no docstring; write one sentence that says what a WeedKiller is."
    ] == refused(plugin)


def test_a_text_form_that_does_not_exist(tmp_path: Path) -> None:
    """A column's form is one of those there are."""

    class WeedName(Record, Table, tablename="weed_name"):
        """A name."""

        name = columns.text("It.", form="latin")

    plugin = made(crm_entities=lambda: [Entity(WeedName, "weedNames")], crm_migrations=lambda: tmp_path)

    assert "WeedName.name has the form 'latin', which is none; there are text, line, email" in refused(plugin)[0]


def test_a_command_twice() -> None:
    """A plugin's commands have different names."""
    plugin = made(crm_commands=lambda: [click.Command("pull"), click.Command("pull")])

    with pytest.raises(SetupError, match="brings the command 'pull' twice; rename one"):
        load_plugins(Settings(), [plugin], installed=False).commands()


def test_reserved_names_cover_what_is_there() -> None:
    """No plugin can be called as a command of `crm`, a section of the settings, or a part of crmcore."""
    settings = {name.split("_")[0] for name in Settings.__struct_fields__}
    commands = set(COMMANDS) - {"plugins"}

    assert set() == {*commands, *settings, *BUILT_IN} - RESERVED
