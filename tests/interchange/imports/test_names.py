"""Full names are taken apart in the order of their culture."""

from __future__ import annotations

import pytest

from crmcore.interchange.imports.names import split_name


@pytest.mark.parametrize(
    ("full", "given", "family"),
    [
        ("Anna Snelling", "Anna", "Snelling"),
        ("Mei-Mei Johns", "Mei-Mei", "Johns"),
        ("Ludwig van Beethoven", "Ludwig", "van Beethoven"),
        ("García Márquez, Gabriel", "Gabriel", "García Márquez"),
        ("Oscar de la Renta", "Oscar", "de la Renta"),
        ("王小明", "小明", "王"),
        ("欧阳娜娜", "娜娜", "欧阳"),
        ("山田　太郎", "太郎", "山田"),
        ("김 민수", "민수", "김"),
        ("محمد بن سلمان", "محمد", "بن سلمان"),
        ("Cher", "Cher", None),
        ("   ", None, None),
    ],
)
def test_split_name(full: str, given: str | None, family: str | None) -> None:
    """The given and the family name are told apart, particles and two-character family names included."""
    assert (given, family) == split_name(full)
