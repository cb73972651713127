"""What is recorded of a name is all that a plugin can rely on, and nothing that differs between machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from functools import cached_property
from typing import Any

import pytest

from tests.recorded.describing import described


class Size(Enum):
    SMALL = 1
    LARGE = 2


@dataclass(frozen=True)
class Box:
    size: Size
    words: list[str] = field(default_factory=list)
    marks: frozenset[str] = frozenset({"b", "a"})

    def opened(self, by: str, *rest: int, gently: bool = False) -> Box:
        return self

    @cached_property
    def weight(self) -> float:
        return 1.0

    def _hidden(self) -> None: ...


@dataclass(frozen=True)
class BlueBox(Box):
    tone: str = "navy"


async def send(box: Box, /, to: str = "home", *, size: Size = Size.SMALL, **more: Any) -> None: ...


@pytest.mark.parametrize(
    ("thing", "lines"),
    [
        (Size, ["class shop.X(Enum)", "    SMALL", "    LARGE"]),
        (
            Box,
            [
                "class shop.X()",
                "    size: Size",
                "    words: list[str] = ...",
                "    marks: frozenset[str] = {'a', 'b'}",
                "    opened(self, by: str, *rest: int, gently: bool = False) -> Box",
                "    weight -> float",
            ],
        ),
        (BlueBox, ["class shop.X(Box)", "    tone: str = 'navy'"]),
        (
            send,
            ["async def shop.X(box: Box, to: str = 'home', *, size: Size = Size.SMALL, **more: Any) -> None"],
        ),
        (3, ["shop.X: int"]),
    ],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_name_is_described(thing: object, lines: list[str]) -> None:
    """Fields, members, signatures, annotations and defaults are recorded; private names and inherited ones are not."""
    assert lines == list(described("shop.X", thing))
