"""Open sets that plugins add members to: interaction kinds, channels, lifecycle stages, whatever a column names."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from difflib import get_close_matches
from types import MappingProxyType
from typing import Any

from crmcore.errors import Invalid, SetupError

__all__ = ["Registered", "Registries", "Usual"]

#: By column what says of a value that it is as almost every one is: of those that anybody may give, and of all.
Usual = tuple[Mapping[str, Callable[[Any], bool]], Mapping[str, Callable[[Any], bool]]]


@dataclass(frozen=True, slots=True)
class Registered:
    """A member of an open set.

    Attributes:

        registry: `interaction_kinds`, `interaction_channels`, `lifecycle_stages`, or another that a column names.
        key: what is stored and what clients write.
        label: what people read.
        description: one sentence.
        plugin: who registers it; the host fills it in.
    """

    registry: str
    key: str
    label: str
    description: str
    plugin: str = "core"


class Registries:
    """All open sets of a CRM, each with its members in the order they were registered.

    Args:

        members: what plugins register.
        names: the open sets there are: those that columns name with `registry=`.

    Raises:

        SetupError: a key registered twice, or for an open set that does not exist: all of them in one message.

    Attributes:

        usual: what a value of each of a table's columns usually is; filled in by `crmcore.entities.checks`.
    """

    def __init__(self, members: Iterable[Registered] = (), names: Iterable[str] = ()) -> None:
        self.usual: dict[type, Usual] = {}
        self._members: dict[str, dict[str, Registered]] = {name: {} for name in sorted(set(names))}
        problems: list[str] = []
        for member in members:
            if member.registry not in self._members:
                problems.append(self._no_registry(member))
            elif (other := self._members[member.registry].setdefault(member.key, member)) is not member:
                problems.append(
                    f"Plugins {other.plugin!r} and {member.plugin!r} both register {member.key!r} "
                    f"in {member.registry!r}; rename one."
                )
        if problems:
            raise SetupError("registries-conflict", problems)

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the open sets, sorted."""
        return tuple(self._members)

    def members(self, registry: str) -> Mapping[str, Registered]:
        """Return an open set's members by key, in the order they were registered."""
        return MappingProxyType(self._members[registry])

    def keys(self, registry: str) -> tuple[str, ...]:
        """Return an open set's keys in the order they were registered."""
        return tuple(self._members[registry])

    def member(self, registry: str, key: str, path: str = "key") -> Registered:
        """Return a member by its key.

        Args:

            registry: which open set.
            key: what the client wrote.
            path: where it stood, for the refusal.

        Raises:

            Invalid: no plugin registers such a key; the message lists those there are.
        """
        members = self._members[registry]
        if key in members:
            return members[key]
        known = ", ".join(members) or "none; install a plugin that registers some"
        msg = f"{key[:60]!r} is not one of the {registry.replace('_', ' ')}: {known}."
        raise Invalid.at(path, "UNKNOWN_VALUE", msg)

    def _no_registry(self, member: Registered) -> str:
        close = get_close_matches(member.registry, self._members, n=1)
        hint = f"did you mean {close[0]!r}?" if close else f"there are {', '.join(self._members) or 'none'}."
        return (
            f"Plugin {member.plugin!r} registers {member.key!r} in {member.registry!r}, which no column names; {hint}"
        )
