"""`test_contract = contract("visits")` in a plugin's own tests."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from crmcore.contract.catalogue import rules_of
from crmcore.contract.places import Absent
from crmcore.contract.rule import Tier
from crmcore.contract.run import known
from crmcore.contract.subject import WATCHED
from crmcore.testing import contract
from tests.contract import plots

#: A rule that needs no CRM.
RULE = "a-test-uses-the-crm"


def asked(test: Any) -> list[str]:
    """Return the rules a test is run for."""
    (mark,) = [mark for mark in test.pytestmark if mark.name == "parametrize"]
    return [rule.name for rule in mark.args[1]]


def test_the_claimed_tier_is_checked(tree: Path) -> None:
    """Whatever `quality.toml` claims; nothing more is promised, so nothing more is checked."""
    bronze, silver = [[rule.name for rule in rules_of(tier)] for tier in (Tier.BRONZE, Tier.SILVER)]
    assert bronze == asked(contract("plots", plugins=[plots], source=tree))
    assert silver == asked(contract("plots", plugins=[plots], source=tree, tier="silver"))
    (tree / "quality.toml").unlink()
    assert bronze == asked(contract("plots", plugins=[plots], source=tree))


def test_a_plugin_that_is_not_installed_is_no_test() -> None:
    """It fails when the tests are collected, not as one of a row of errors."""
    with pytest.raises(Absent, match="No plugin 'plots' is installed"):
        contract("plots")


def test_what_falls_short_fails_with_what_and_how(tree: Path, request: pytest.FixtureRequest) -> None:
    """The message is the report's; a traceback would say nothing."""
    (tree / "trials" / "test_plots.py").unlink()
    test = contract("plots", plugins=[plots], source=tree)
    with pytest.raises(pytest.fail.Exception) as failed:
        test(known(RULE), request)
    assert f"  There are no tests in {tree}.\n    -> Write one: " in str(failed.value)


def test_what_is_exempt_is_skipped(tree: Path, request: pytest.FixtureRequest) -> None:
    """The list of tests shows what does not apply, and why."""
    with (tree / "quality.toml").open("a") as file:
        file.write('claims-can-be-read = {exempt = "Nobody would."}\n')
    test = contract("plots", plugins=[plots], source=tree)
    with pytest.raises(pytest.skip.Exception, match=r"exempt: Nobody would\."):
        test(known("claims-can-be-read"), request)


def test_tests_that_a_check_runs_do_not_check(
    tree: Path, request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Otherwise a check would run tests that check, without end."""
    monkeypatch.setenv(WATCHED, "1")
    test = contract("plots", plugins=[plots], source=tree)
    with pytest.raises(pytest.skip.Exception, match="crm plugin check runs these tests"):
        test(known(RULE), request)
