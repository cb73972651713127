"""A value for a column that must have one: whatever its declaration allows, another one each time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from crmcore import clock
from crmcore.entities.columns import Facts
from crmcore.entities.kinds import BIGINT, BOOL, DATE, ENUM, FLOAT, INSTANT, INT, JSON, TEXT
from crmcore.entities.registries import Registries

__all__ = ["value"]

_FORMS: Mapping[str, Callable[[int], str]] = {
    "email": lambda n: f"person{n}@example.com",
    "login": lambda n: f"person{n}@example.com",
    "url": lambda n: f"https://example.com/{n}",
    "country": lambda _: "AT",
    "currency": lambda _: "EUR",
    "locale": lambda _: "en",
    "timezone": lambda _: "UTC",
}
_OTHERS: Mapping[str, Callable[[int], Any]] = {
    BOOL.name: lambda _: False,
    INSTANT.name: lambda _: clock.now(),
    DATE.name: lambda _: clock.now().date(),
    JSON.name: lambda _: {},
}


def value(column: str, said: Facts, number: int, registries: Registries) -> Any:
    """Return a value for a column that is no link.

    Args:

        column: its name, of which texts are made.
        said: what is declared of it.
        number: the next one; texts and numbers that need not be among a few differ by it.
        registries: the open sets.
    """
    if said.kind is TEXT:
        return _text(column, said, number, registries)
    if said.kind is ENUM:
        assert said.choices is not None
        return next(iter(said.choices.__members__))
    if said.kind in (INT, BIGINT, FLOAT):
        least = 0 if said.minimum is None else said.minimum
        return least + (number if said.maximum is None else number % (int(said.maximum - least) + 1))
    return _OTHERS[said.kind.name](number)


def _text(column: str, said: Facts, number: int, registries: Registries) -> str:
    if said.registry is not None:
        return min(registries.keys(said.registry))
    if (made := _FORMS.get(said.form or "line")) is not None:
        return made(number)
    text = f"{column.replace('_', ' ').capitalize()} {number}"
    return text if said.max_length is None else text[-said.max_length :].strip()
