"""The page of the quality scale: every rule with its reasons."""

from __future__ import annotations

from collections.abc import Iterator

from crmcore.contract.catalogue import all_rules
from crmcore.contract.rule import Tier
from made.note import MADE

__all__ = ["quality"]

_HEAD = """# Quality

How good a plugin is, in three tiers; each includes those before it. `crm plugin check NAME` applies the rules and says what falls short, why it
matters and how to mend it; in a plugin's tests one line does the same, a test a rule:

<!-- not run: it belongs into a plugin's own tests, as plugins/tasks has it -->

```python
from crmcore.testing import contract

test_contract = contract("visits")
```

`quality.toml`, beside `pyproject.toml`, says what is claimed. A rule that is claimed and not kept fails; one that does not apply is exempt, for a reason.

```toml
tier = "bronze"
owner = "Ada Lovelace"

[rules]
personal-data-is-classified = "todo"
uninstalling-leaves-nothing = {exempt = "It keeps nothing."}
```
"""
_TIERS = {Tier.BRONZE: "it fits", Tier.SILVER: "it is safe", Tier.GOLD: "it lasts"}


def quality() -> str:
    """The page, in the order of reports."""
    return "\n".join([_HEAD, MADE, *_parts()])


def _parts() -> Iterator[str]:
    for tier, words in _TIERS.items():
        yield f"## {tier.name.capitalize()}: {words}\n"
        for rule in all_rules():
            if rule.tier == tier:
                yield f"### {rule.name}\n\n{rule.text}\n"
