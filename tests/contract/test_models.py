"""CRMs without a plugin, with it, and with everything."""

from __future__ import annotations

import pytest

from crmcore import Permission
from crmcore.contract.grounds import Grounds
from crmcore.contract.rule import Unverified
from crmcore.contract.subject import Subject
from crmcore.plugins.names import BUILT_IN
from crmcore.testing import TestCrm
from tests.contract.conftest import Take
from tests.plugins.conftest import made
from tests.plugins.installed import Site


def names(crm: TestCrm) -> set[str]:
    """Return the names of its plugins, without those of crmcore."""
    return {plugin.name for plugin in crm.plugins} - set(BUILT_IN)


def test_without_with_and_with_everything(site: Site, grounds: Grounds) -> None:
    """Only the plugin itself is between the first two: what it requires is in both, what else is installed in neither."""
    site.add("soil")
    site.add("beds", requires=["crm-soil"])
    site.add("weeds", requires=["crm-beds; python_version > '3'"])
    site.add("pests", requires=["crm-weeds"])
    site.add("gnomes")
    subject = Subject.installed("weeds", grounds)
    assert {"soil", "beds"} == names(subject.bare)
    assert {"soil", "beds", "weeds"} == names(subject.crm)
    assert {"soil", "beds", "weeds", "pests", "gnomes"} == names(subject.everything)


def test_what_stops_the_start_is_kept(take: Take) -> None:
    """A plugin that does not fit is a subject like any other; rules that need a CRM cannot say."""
    subject = take(made(crm_permissions=lambda: [Permission("award", "Award.")]))
    assert any("name it for example 'weeds.award'" in problem for problem in subject.problems)
    with pytest.raises(Unverified, match="cannot be put together"):
        _ = subject.crm


def test_what_the_host_did_not_foresee_is_a_problem_too(take: Take) -> None:
    """Nothing a plugin declares ends the check with a traceback."""
    (problem,) = take(made(crm_permissions=lambda: [Permission(None, "Award.")])).problems  # type: ignore[arg-type]
    assert problem.startswith("A CRM with it cannot be put together: TypeError: ")


def test_an_object_must_have_the_name(grounds: Grounds) -> None:
    """Whoever mistypes it is told which objects there are."""
    with pytest.raises(LookupError, match="is the plugin 'seeds'"):
        Subject.given("seeds", [made("weeds")], grounds)


def test_a_plugin_that_cannot_be_imported_has_problems(site: Site, grounds: Grounds) -> None:
    """Its module is at fault, and is named."""
    site.add("weeds", code="import nowhere_at_all")
    subject = Subject.installed("weeds", grounds)
    assert any("cannot be imported" in problem for problem in subject.problems)
    with pytest.raises(Unverified, match="nowhere_at_all"):
        _ = subject.plugin
