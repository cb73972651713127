"""Hook functions must be as specified; pluggy alone would be silent about most mistakes."""

from __future__ import annotations

from types import ModuleType
from typing import Any

import pytest

from crmcore import hookimpl
from tests.plugins.conftest import made, refused


def _nothing() -> list[Any]:
    return []


async def _async() -> None: ...


def _sync(crm: Any) -> None: ...


@pytest.mark.parametrize(
    ("hook", "function", "said"),
    [
        ("crm_entitis", _nothing, "implements crm_entitis, which is no hook; did you mean crm_entities?"),
        (
            "frobnicate",
            _nothing,
            "implements frobnicate, which is no hook; there are crm_parts, crm_settings, crm_registered,",
        ),
        ("crm_startup", _sync, "implements crm_startup by the wrong kind of function; write it with async def."),
        ("crm_entities", _async, "implements crm_entities by the wrong kind of function; write it with def."),
        (
            "crm_entities",
            lambda crm: [],
            "wants the argument 'crm' of crm_entities, which has no such argument; it has none.",
        ),
        ("crm_entities", lambda x=1: [], "wants the argument 'x' of crm_entities"),
    ],
)
def test_a_function_that_is_not_as_specified(hook: str, function: Any, said: str) -> None:
    """The message names the plugin, the mistake and the way out."""
    assert f"Plugin 'weeds' (given to Crm) {said}" in refused(made(**{hook: function}))[0]


def test_an_argument_with_a_default() -> None:
    """Whether such an argument is passed depends on pluggy's version, so it is refused."""

    async def crm_startup(crm: Any = None) -> None: ...

    assert [
        "Plugin 'weeds' (given to Crm) gives the argument 'crm' of crm_startup a default; remove it: whether an argument with a "
        "default is passed depends on pluggy's version."
    ] == refused(made(crm_startup=crm_startup))


def test_a_forgotten_marker() -> None:
    """A function named as a hook that is not marked would never be called; that is said."""

    def crm_entities() -> list[Any]:
        return []

    module = ModuleType("weeds")
    module.__dict__.update(plugin_name="weeds", crm_entities=crm_entities)

    assert [
        "Plugin 'weeds' (given to Crm) has a function crm_entities that lacks @hookimpl, so it would never be called; add it."
    ] == refused(module)


def test_a_wrapper() -> None:
    """Hooks are implemented, not wrapped: a wrapper would hide who gave what."""

    @hookimpl(wrapper=True)
    def crm_entities() -> Any:
        return (yield)

    module = ModuleType("weeds")
    module.__dict__.update(plugin_name="weeds", crm_entities=crm_entities)

    assert [
        "Plugin 'weeds' (given to Crm) wraps crm_entities; hooks of crmcore are implemented, not wrapped: remove the option."
    ] == (refused(module))


def test_a_hook_that_raises() -> None:
    """What a hook raises is told with its place, together with all that is wrong elsewhere."""

    def crm_entities() -> Any:
        msg = "out of ink"
        raise RuntimeError(msg)

    problems = refused(made(crm_entities=crm_entities, crm_permissions=lambda: 7))

    assert "Plugin 'weeds' (given to Crm) gives 7 by crm_permissions; give a list of Permission." in problems
    assert any(
        "failed in crm_entities: RuntimeError: out of ink (" in p and "test_implementations.py:" in p for p in problems
    )


def test_a_generator_that_raises() -> None:
    """A hook may be a generator; what it raises while it is read is told as well."""

    def crm_entities() -> Any:
        yield 1 / 0

    assert "failed in crm_entities: ZeroDivisionError" in refused(made(crm_entities=crm_entities))[0]


@pytest.mark.parametrize(
    ("hook", "answer", "said"),
    [
        ("crm_settings", dict, "by crm_settings; give a class made with msgspec.Struct."),
        ("crm_entities", ["Tray"], "gives 'Tray' by crm_entities; each item must be Entity."),
        ("crm_handlers", [len], "by crm_handlers; each item must be Inside or After."),
        ("crm_tables", [int], "gives <class 'int'> by crm_tables; each item must be a Piccolo table."),
        (
            "crm_migrations",
            "migrations",
            "gives 'migrations' by crm_migrations; give the Path of a folder that exists.",
        ),
        ("crm_registered", "PIGEON", "gives 'PIGEON' by crm_registered; give a list of Registered."),
    ],
)
def test_an_answer_of_the_wrong_type(hook: str, answer: Any, said: str) -> None:
    """An answer that is no declaration is told with what it should be."""
    assert said in refused(made(**{hook: lambda: answer}))[0]
