"""What a plugin's `quality.toml` claims: a tier, who cares for it, and what is done, to do, or does not apply."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from crmcore.contract.rule import Shortfall, Tier
from crmcore.settings.reader import closest

__all__ = ["FILE", "Claims", "Exempt", "claims_in"]

#: Name of the file, in the source tree beside `pyproject.toml`.
FILE = "quality.toml"

_EXAMPLE = 'write `rule-name = "done"`, `"todo"` or `{exempt = "why it does not apply"}`.'


@dataclass(frozen=True, slots=True)
class Exempt:
    """A rule does not apply, since."""

    reason: str


@dataclass(frozen=True)
class Claims:
    """What is claimed; all of it is verified where code can.

    Attributes:

        tier: the tier the plugin claims to have reached; None where it says nothing.
        owner: who cares for it.
        rules: by name of the rule.
        unread: what is wrong with the file.
    """

    tier: Tier | None = None
    owner: str | None = None
    rules: Mapping[str, Literal["done", "todo"] | Exempt] = field(default_factory=dict)
    unread: tuple[Shortfall, ...] = ()

    def exempt(self, rule: str) -> Exempt | None:
        """Return why a rule does not apply; None: it does."""
        claim = self.rules.get(rule)
        return claim if isinstance(claim, Exempt) else None

    def unknown(self, rules: list[str]) -> Iterator[Shortfall]:
        """Yield the claims about rules that do not exist."""
        for name in self.rules:
            if name not in rules:
                hint = closest(name, rules)
                yield Shortfall(f"{FILE} speaks of a rule {name!r}, which does not exist.", hint.capitalize())


def claims_in(folder: Path) -> Claims:
    """Read the file of a source tree; no file claims nothing."""
    path = folder / FILE
    try:
        said = tomllib.loads(path.read_text("utf-8"))
    except FileNotFoundError:
        return Claims()
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as wrong:
        return Claims(unread=(Shortfall(f"{path} cannot be read: {wrong}.", "Correct it."),))
    unread: list[Shortfall] = []
    return Claims(_tier(said, unread), _owner(said, unread), dict(_rules(said, unread)), (*unread, *_others(said)))


def _tier(said: dict[str, Any], unread: list[Shortfall]) -> Tier | None:
    tier = said.get("tier")
    names = [str(tier) for tier in Tier]
    if tier in names:
        return Tier[tier.upper()]
    if tier is not None:
        unread.append(Shortfall(f"{FILE} claims the tier {tier!r}.", f"There are {', '.join(names)}."))
    return None


def _owner(said: dict[str, Any], unread: list[Shortfall]) -> str | None:
    owner = said.get("owner")
    if owner is None or isinstance(owner, str):
        return owner and owner.strip()
    unread.append(Shortfall(f"{FILE} gives the owner as {owner!r}.", 'Write a name, as in owner = "Ada Lovelace".'))
    return None


def _rules(said: dict[str, Any], unread: list[Shortfall]) -> Iterator[tuple[str, Literal["done", "todo"] | Exempt]]:
    rules = said.get("rules", {})
    if not isinstance(rules, dict):
        unread.append(Shortfall(f"{FILE} gives rules as {rules!r}.", f"Below [rules], {_EXAMPLE}"))
        return
    for name, claim in rules.items():
        match claim:
            case "done" | "todo":
                yield name, claim
            case {"exempt": str(reason), **more} if reason.strip() and not more:
                yield name, Exempt(reason.strip())
            case {"exempt": _}:
                fix = f"Say in a sentence why it does not apply: {_EXAMPLE}"
                unread.append(Shortfall(f"{FILE} exempts the plugin from {name} without a reason.", fix))
            case _:
                fix = f"{_EXAMPLE[0].upper()}{_EXAMPLE[1:]}"
                unread.append(Shortfall(f"{FILE} says {claim!r} of the rule {name}.", fix))


def _others(said: dict[str, Any]) -> Iterator[Shortfall]:
    known = ["tier", "owner", "rules"]
    for key in said:
        if key not in known:
            yield Shortfall(f"{FILE} has an entry {key!r} that means nothing.", closest(key, known).capitalize())
