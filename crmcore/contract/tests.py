"""The rules as tests of a plugin's own suite: `test_contract = contract("visits")`."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from crmcore.contract.catalogue import rules_of
from crmcore.contract.claims import claims_in
from crmcore.contract.grounds import Grounds
from crmcore.contract.places import announcement, source_of
from crmcore.contract.report import lines_of
from crmcore.contract.rule import Rule, Tier
from crmcore.contract.run import State, apply
from crmcore.contract.subject import WATCHED, Subject

__all__ = ["contract"]

_SUBJECTS: pytest.StashKey[dict[object, Subject]] = pytest.StashKey()


def contract(
    name: str,
    *,
    plugins: Sequence[object] = (),
    source: Path | str | None = None,
    tier: str | None = None,
) -> Callable[..., None]:
    """Return a test that is run once for each rule the plugin claims to keep.

    Example:

        test_contract = contract("visits")

    Args:

        name: of the plugin.
        plugins: the plugin, and what it requires, as objects; without it, the installed one is checked.
        source: its source tree; without it, that of an editable install, or the current folder if it is the plugin's.
        tier: "bronze", "silver" or "gold"; without it, the tier that `quality.toml` claims, or bronze.

    Raises:

        Absent: it is not installed.
    """
    folder = Path(source) if source else None
    if folder is None and not plugins:
        folder = source_of(announcement(name).distribution, name)
    claimed = Tier[tier.upper()] if tier else (claims_in(folder).tier if folder else None)

    def subject_of(config: pytest.Config, server: Callable[[], Any], dialects: tuple[str, ...]) -> Subject:
        subjects = config.stash.setdefault(_SUBJECTS, {})
        key = name, *map(id, plugins), folder, dialects
        if key not in subjects:
            grounds = Grounds()
            config.add_cleanup(grounds.close)
            more: dict[str, Any] = {"source": folder, "dialects": dialects, "inside_its_tests": True}
            subjects[key] = (
                Subject.given(name, plugins, grounds, **more) if plugins else Subject.installed(name, grounds, **more)
            )
        subjects[key].grounds.lend(server)
        return subjects[key]

    @pytest.mark.parametrize("rule", rules_of(claimed or Tier.BRONZE), ids=str)
    def test_contract(rule: Rule, request: pytest.FixtureRequest) -> None:
        if os.environ.get(WATCHED):
            pytest.skip("crm plugin check runs these tests, and checks the rules itself.")
        asked = request.config.getoption("--crm-database") or request.config.getini("crm_database")
        dialects = ("sqlite", "postgresql") if asked == "both" else (asked,)
        subject = subject_of(request.config, lambda: request.getfixturevalue("crm_postgresql"), dialects)
        outcome = asyncio.run(apply(rule, subject))
        if outcome.state in (State.SHORT, State.TODO):
            pytest.fail("\n".join(lines_of(outcome)), pytrace=False)
        if not outcome.state.counts or outcome.state is State.EXEMPT:
            pytest.skip(f"{outcome.state.value}: {outcome.note}")

    test_contract.__doc__ = f"The plugin {name} keeps the rules of {claimed or Tier.BRONZE}."
    return test_contract
