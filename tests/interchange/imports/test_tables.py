"""Tables are read from the mapping or from files beside the imported one."""

from __future__ import annotations

from pathlib import Path

import pytest

from crmcore.errors import SetupError
from crmcore.interchange.imports.load import Loaded
from crmcore.interchange.imports.mapping import Mapping, Table
from crmcore.interchange.imports.tables import read_tables


def _loaded(**tables: Table) -> Loaded:
    return Loaded(Mapping("Test", [], tables=tables), "mapping.toml")


def test_a_table_can_be_two_columns_of_a_file(tmp_path: Path) -> None:
    """Blanks around the texts are no part of them."""
    (tmp_path / "products.csv").write_text("product,series,price\nGTX Pro , GTX,1\n", encoding="utf-8")
    found = read_tables(_loaded(series=Table(file="products.csv", key="product", value="series")), tmp_path)
    assert {"series": {"GTX Pro": "GTX"}} == found


def test_tables_that_cannot_be_read_are_named_together(tmp_path: Path) -> None:
    """A file that is not there and one without the column stand in one message."""
    (tmp_path / "products.csv").write_text("product\n", encoding="utf-8")
    loaded = _loaded(
        a=Table(file="nowhere.csv", key="x", value="y"), b=Table(file="products.csv", key="product", value="price")
    )
    with pytest.raises(SetupError) as refused:
        read_tables(loaded, tmp_path)
    absent, lacking = refused.value.problems
    assert "tables.a cannot read nowhere.csv" in absent
    assert "tables.b names the column price, which products.csv does not have" in lacking
