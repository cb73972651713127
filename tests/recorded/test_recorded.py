"""No hook, public name or setting changes by the way, and no operation breaks that the last release answered."""

from __future__ import annotations

from difflib import unified_diff

import pytest

from crmcore.graphql.schema.difference import Severity, find_differences
from tests.recorded.records import HERE, RECORDS
from tests.recorded.schemas import last_release, read, today

_QUESTION = (
    "Would a plugin or a program that was right before fail now? If so it is breaking: deprecate what goes "
    "(crmcore/deprecations.py) and keep it as docs/compatibility.md promises. If the change is meant and not breaking, "
    "record it and say it in the changelog:"
)


@pytest.mark.parametrize("name", RECORDS)
def test_what_plugins_hold_on_to_is_as_recorded(name: str) -> None:
    """A change of a hook, a public name or a setting is a change of a recorded file, which reviewers see."""
    recorded = (HERE / name).read_text("utf-8").splitlines()
    changed = list(unified_diff(recorded, list(RECORDS[name]()), "recorded", "now", lineterm="", n=1))
    if changed:
        shown = "\n".join(changed[:60])
        pytest.fail(f"{_QUESTION} python -m tests.recorded {name}\n{shown}", pytrace=False)


def test_no_operation_breaks_that_the_last_release_answered() -> None:
    """Against the schema of the last release nothing breaks but what `breaking.txt` says on purpose, a line each."""
    meant = set((HERE / "breaking.txt").read_text("utf-8").splitlines())
    release = last_release()
    broken = [d.sentence for d in find_differences(read(release), today()) if d.severity is Severity.BREAKING]
    unmeant = [sentence for sentence in broken if sentence not in meant]
    if unmeant:
        shown = "\n".join(unmeant[:60])
        pytest.fail(
            f"Operations that {release.name} answers break. Keep what they ask for, deprecated if it is to go "
            "(docs/compatibility.md). If a major version is to break them, write the lines into "
            f"tests/recorded/breaking.txt:\n{shown}",
            pytrace=False,
        )
