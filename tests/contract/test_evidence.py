"""What a run of the plugin's own tests showed is asked for once."""

from __future__ import annotations

import pytest

from crmcore.contract import evidence
from crmcore.contract.rule import Unverified
from crmcore.contract.subject import WATCHED, Subject
from tests.contract.conftest import Plotted, Take


def test_tests_are_run_once(plotted: Plotted, monkeypatch: pytest.MonkeyPatch) -> None:
    """That they cannot be run is found out once, too."""
    asked = []

    def evidence_of(subject: Subject) -> None:
        asked.append(subject.name)
        msg = "coverage is missing"
        raise Unverified(msg)

    monkeypatch.setattr(evidence, "evidence_of", evidence_of)
    subject = plotted()
    for _ in range(2):
        with pytest.raises(Unverified, match="coverage is missing"):
            _ = subject.evidence
    assert ["plots"] == asked


@pytest.mark.parametrize("how", ["contract", "check"])
def test_tests_do_not_run_themselves(take: Take, monkeypatch: pytest.MonkeyPatch, how: str) -> None:
    """Neither when they ask by `contract`, nor when `crm plugin check` runs them."""
    if how == "check":
        monkeypatch.setenv(WATCHED, "1")
    with pytest.raises(Unverified, match="`crm plugin check weeds` runs them"):
        _ = take(inside_its_tests=how == "contract").evidence
