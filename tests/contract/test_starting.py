"""Rules about starting: with default settings, and hooks as they are specified."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from crmcore import Crm, Permission
from crmcore.contract.bronze.fitting import hooks_are_as_specified, starts_with_default_settings
from crmcore.contract.bronze.names import names_carry_the_prefix
from crmcore.contract.refusals import Refused, refusals
from crmcore.contract.rule import Unverified
from crmcore.contract.run import apply
from tests.contract.conftest import Take, said
from tests.plugins.conftest import made


async def test_a_plugin_that_does_not_start_says_so(take: Take, crm_dialect: str) -> None:
    """What its start raised is said by one rule; all others that would run it can only say that they could not."""

    async def crm_startup() -> None:
        msg = "no wine left"
        raise RuntimeError(msg)

    subject = take(made(crm_startup=crm_startup), dialects=(crm_dialect,))
    (what,) = await said(starts_with_default_settings, subject)
    assert what.startswith(f"It does not start on {crm_dialect}: RuntimeError: no wine left (")
    with pytest.raises(Unverified, match="no wine left"):
        subject.running(crm_dialect)


async def test_a_plugin_that_does_not_stop_says_so(take: Take) -> None:
    """The host only logs it, and goes on."""

    async def crm_shutdown(crm: Crm) -> None:
        raise ZeroDivisionError

    (what,) = await said(starts_with_default_settings, take(made(crm_shutdown=crm_shutdown)))
    assert what.startswith("It does not stop on sqlite: ZeroDivisionError")


async def test_what_else_it_opens_is_made(take: Take) -> None:
    """Handlers and commands are asked for only when somebody serves, or calls; the rule does both."""

    def fails() -> list[Any]:
        msg = "no key"
        raise LookupError(msg)

    found = await said(starts_with_default_settings, take(made(crm_commands=fails, crm_routes=fails)))
    assert [
        "Its HTTP handlers cannot be made: LookupError: no key",
        "Its commands cannot be made: LookupError: no key",
    ] == [what.partition(" (")[0] for what in found]


def nothing() -> list[Any]:
    """Declare nothing."""
    return []


HOOKS: list[tuple[dict[str, Callable[..., Any]], str]] = [
    ({"crm_permission": nothing}, "Plugin 'weeds' (given to Crm) implements crm_permission, which is no hook."),
    (
        {"crm_permissions": lambda crm: []},
        "Plugin 'weeds' (given to Crm) wants the argument 'crm' of crm_permissions, which has no such argument.",
    ),
    (
        {"crm_startup": lambda crm: None},
        "Plugin 'weeds' (given to Crm) implements crm_startup by the wrong kind of function.",
    ),
]


@pytest.mark.parametrize(("hooks", "what"), HOOKS)
async def test_a_wrong_hook_is_said_by_its_rule(take: Take, hooks: dict[str, Any], what: str) -> None:
    """And by no other: the host refuses it in one sentence, which goes to the rule it is about."""
    subject = take(made(**hooks))
    assert what in await said(hooks_are_as_specified, subject)
    assert [] == list(refusals(subject, *(kind for kind in Refused if kind not in (Refused.HOOK, Refused.ARGUMENT))))


async def test_an_unknown_hook_may_be_of_a_later_version(take: Take) -> None:
    """Then the plugin has to require that."""
    subject = take(made(crm_permission=nothing))
    outcome = await apply(hooks_are_as_specified, subject)
    assert "Did you mean crm_permissions? If a later crmcore has it, require that version." == outcome.shortfalls[0].fix


async def test_a_name_without_the_prefix_is_said_by_its_rule(take: Take) -> None:
    """The sentence is taken apart: what is wrong; the way out."""
    subject = take(made(crm_permissions=lambda: [Permission("award", "Award.")]))
    (shortfall,) = refusals(subject, Refused.NAME)
    assert "Plugin 'weeds' (given to Crm) declares the permission 'award'." == shortfall.what
    assert "Name it for example 'weeds.award', so that plugins cannot collide." == shortfall.fix
    assert [shortfall.what, "A CRM with it cannot be put together, so this was not looked at."] == await said(
        names_carry_the_prefix, subject
    )
